# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that pass the interpreter's lock on in many ways: by locks, sleeps, the end of their time and their own.

Says "ready" and runs until it is killed. Quick and calm times take turns.
"""

import random
import sys
import threading
import time

PING, PONG = threading.Lock(), threading.Lock()
REST = threading.Event()
calm = threading.Event()


def climb(height, work):
    if height:
        return climb(height - 1, work)
    return work()


def compute():
    total = 0
    for step in range(random.randrange(200, 20000)):
        total += step
    return total


def take_turns(mine, other):
    while True:
        climb(random.randrange(8), mine.acquire)
        climb(random.randrange(8), compute)
        other.release()
        if calm.is_set():
            time.sleep(0.01)


def spin():
    while True:
        climb(random.randrange(20), compute)
        if calm.is_set():
            climb(random.randrange(20), lambda: time.sleep(0.02))


def nap():
    while True:
        climb(random.randrange(30), lambda: time.sleep(random.random() / (20 if calm.is_set() else 2000)))


def come_and_go():
    while True:
        thread = threading.Thread(target=climb, args=(random.randrange(10), compute))
        thread.start()
        climb(random.randrange(5), thread.join)
        time.sleep(0.005)


PONG.acquire()
for target, args in [
    (take_turns, (PING, PONG)),
    (take_turns, (PONG, PING)),
    (spin, ()),
    (spin, ()),
    (nap, ()),
    (nap, ()),
    (come_and_go, ()),
] + [(climb, (height, REST.wait)) for height in range(5)]:
    thread = threading.Thread(target=target, args=args)
    thread.daemon = True
    thread.start()
print("ready")
sys.stdout.flush()
while True:
    for interval in 0.005, 0.00005:
        if sys.version_info[0] > 2:
            sys.setswitchinterval(interval)
        time.sleep(0.1)
        calm.set()
        time.sleep(0.1)
        calm.clear()
