# SPDX-License-Identifier: GPL-3.0-or-later
# -*- coding: utf-8 -*-
"""Computes in C, in stacks that are known: through the extension "steps" beside it where that was built, and
through the standard library.

Usage: native.py WHAT SECONDS [FOLDER of the extension]

steps: outer → descend_c → inner_c → back → burn_c, where outer and back are Python and the rest is C;
zlib, hashlib, re: the standard library's; sleep: waits in C; threads: steps in four threads; generator: steps
within a generator that is within sorted(); pool: threads that the extension makes for itself; made: through
code that is in no file; deep and deeper: steps so far down that their C stack takes more than 64 and 256 KiB.
"""

import hashlib
import re
import sys
import threading
import time
import zlib

clock = getattr(time, "monotonic", time.time)
DATA = bytes(bytearray(range(256))) * 256


def repeat(call):
    end = clock() + float(sys.argv[2])
    while clock() < end:
        call()


def back():
    steps.burn(20000)


def outer():
    steps.descend(back)


def compress():
    zlib.compress(DATA)


def digest():
    hashlib.sha256(DATA).digest()


def match():
    re.match("(a*)*b", "a" * 18)


def nap():
    time.sleep(0.02)


def produce():
    for _ in range(5):
        outer()
        yield 1


def consume():
    sorted(produce())


def made():
    steps.made()


def go_down(depth):
    if depth:
        steps.descend(lambda: go_down(depth - 1))
    else:
        back()


def in_a_big_thread(depth):
    sys.setrecursionlimit(1000000)
    threading.stack_size(64 << 20)
    thread = threading.Thread(target=repeat, args=(lambda: go_down(depth),))
    thread.start()
    thread.join()


def in_threads():
    threads = [threading.Thread(target=repeat, args=(outer,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


what = sys.argv[1]
if len(sys.argv) > 3:
    sys.path.insert(0, sys.argv[3])
    import steps
if what == "pool":
    steps.pool(2)
if what == "threads":
    in_threads()
elif what == "deep":
    in_a_big_thread(40)
elif what == "deeper":
    in_a_big_thread(200)
else:
    repeat(
        {
            "steps": outer,
            "zlib": compress,
            "hashlib": digest,
            "re": match,
            "sleep": nap,
            "generator": consume,
            "made": made,
            "pool": nap,
        }[what]
    )
