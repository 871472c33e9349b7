# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands still in three interpreters: the thread "visitor" goes from this one into another; the thread
"host" does so too and begins a thread "native" there.

Usage: subinterpreters.py
"""

import os
import sys
import threading
import time

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

CODE = """
import os, threading, time

def inner():
    os.write({0}, b".")
    time.sleep(1000)

def middle():
    inner()

def begin():
    threading.Thread(target=middle, name="native").start()
    middle()

{1}()
"""


def enter(pipe, function):
    if sys.version_info < (3, 12):
        interpreter = interpreters.create(isolated=False)
    else:
        interpreter = interpreters.create()
    interpreters.run_string(interpreter, CODE.format(pipe, function))


def main():
    ours, theirs = os.pipe()
    for name, function in (("visitor", "middle"), ("host", "begin")):
        threading.Thread(target=enter, name=name, args=(theirs, function), daemon=True).start()
    for _ in range(3):
        os.read(ours, 1)
    print("ready", flush=True)
    time.sleep(1000)


main()
