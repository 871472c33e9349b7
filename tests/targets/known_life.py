# SPDX-License-Identifier: GPL-3.0-or-later
"""A thread "Known" that works and sleeps by turns; prints in ns how long it was between its first
and last line, and how long from before its start to after its end."""
import sys
import threading
import time

inner = []


def known(seconds):
    begin = time.monotonic_ns()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        part = time.monotonic() + 0.02
        while time.monotonic() < part:
            pass
        time.sleep(0.01)
    inner.append(time.monotonic_ns() - begin)


# The recorder has found Python by then: processor time passes only as fast as the machine lets both work.
while time.process_time() < 0.5:
    pass
thread = threading.Thread(target=known, args=(float(sys.argv[1]),), name="Known")
before = time.monotonic_ns()
thread.start()
thread.join()
print(inner[0], time.monotonic_ns() - before)
