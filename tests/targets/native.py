# SPDX-License-Identifier: GPL-3.0-or-later
# -*- coding: utf-8 -*-
"""Computes in C, in stacks that are known: through the extension "steps" beside it where that was built, and
through the standard library.

Usage: native.py WHAT SECONDS [FOLDER of the extension]

steps: outer → descend_c → inner_c → back → burn_c, where outer and back are Python and the rest is C;
zlib, hashlib, re: the standard library's; sleep: waits in C; threads: steps in four threads; generator: steps
within a generator that is within sorted().
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
    time.sleep(0.2)


def produce():
    for _ in range(5):
        outer()
        yield 1


def consume():
    sorted(produce())


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
if what == "threads":
    in_threads()
else:
    repeat(
        {
            "steps": outer,
            "zlib": compress,
            "hashlib": digest,
            "re": match,
            "sleep": nap,
            "generator": consume,
        }[what]
    )
