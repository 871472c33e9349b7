# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs named threads of each kind: one works, one sleeps, one waits for a lock, one comes and goes.

Usage: threads.py [SECONDS]

"renamed" starts its life under the name "before".
"""

import sys
import threading
import time

LOCK = threading.Lock()
DONE = threading.Event()


def work():
    total = 0
    while not DONE.is_set():
        for step in range(20000):
            total += step
    return total


def sleep(seconds):
    time.sleep(seconds)


def wait():
    with LOCK:
        pass


def be_renamed(seconds):
    time.sleep(seconds / 4)
    threading.current_thread().name = "renamed"
    time.sleep(seconds * 3 / 4)


def come_and_go(seconds):
    time.sleep(seconds / 2)


def main(seconds):
    threads = [
        threading.Thread(target=work, name="busy"),
        threading.Thread(target=sleep, name="sleeping", args=(seconds,)),
        threading.Thread(target=wait, name="waiting"),
        threading.Thread(target=be_renamed, name="before", args=(seconds,)),
        threading.Thread(target=come_and_go, name="short", args=(seconds,)),
    ]
    with LOCK:
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        DONE.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
