# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one thread after another, each of a name of its own, most of them short: successors.py SECONDS"""
import sys
import threading
import time


def work(steps):
    for _ in range(steps):
        pass


end = time.monotonic() + float(sys.argv[1])
number = 0
while time.monotonic() < end:
    thread = threading.Thread(target=work, name=f"number-{number}", args=(2000 if number % 10 else 200000,))
    thread.start()
    thread.join()
    number += 1
