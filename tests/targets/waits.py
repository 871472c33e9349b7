# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs threads that each wait for one thing, named for what it is, and one that computes.

Usage: waits.py [SECONDS]
"""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
CHILD = subprocess.Popen(["sleep", str(int(SECONDS) + 60)])
LOCK = threading.Lock()
LOCK.acquire()
PIPE = os.pipe()
PAIR = socket.socketpair()
PATIENT = socket.socketpair()
PATIENT[0].settimeout(3600)
LISTENER = socket.socket()
LISTENER.bind(("127.0.0.1", 0))
LISTENER.listen(1)
FILE = tempfile.NamedTemporaryFile(suffix=".waited-for")
fcntl.flock(FILE, fcntl.LOCK_EX)


def burn():
    total = 0
    while True:
        for step in range(1000):
            total += step


def poll():
    poller = select.poll()
    poller.register(PIPE[0], select.POLLIN)
    poller.register(PAIR[0], select.POLLPRI)
    poller.poll()


def lock_file():
    with open(FILE.name) as other:
        fcntl.flock(other, fcntl.LOCK_EX)


JOBS = {
    "burn": burn,
    "sleep": lambda: time.sleep(3600),
    "lock": LOCK.acquire,
    "poll": poll,
    "read": lambda: os.read(PIPE[0], 1),
    "receive": lambda: PAIR[0].recv(1),
    "patient": lambda: PATIENT[0].recv(1),
    "accept": LISTENER.accept,
    "child": CHILD.wait,
    "file": lock_file,
}


def main():
    for name, job in JOBS.items():
        thread = threading.Thread(target=job, name=name)
        thread.daemon = True
        thread.start()
    time.sleep(SECONDS)
    os.kill(CHILD.pid, signal.SIGKILL)
    FILE.close()
    # The threads wait on: nothing is put in order.
    os._exit(0)


if __name__ == "__main__":
    main()
