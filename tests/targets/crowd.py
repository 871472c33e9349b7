# SPDX-License-Identifier: GPL-3.0-or-later
"""Does equal pieces of work in BUSY threads at the end of stacks of DEPTH frames, beside IDLE threads that sleep,
and tells in a file how much it has done.

Usage: crowd.py FILE BUSY IDLE DEPTH [LIFE [WORK]]

FILE gets three doubles after each piece: pieces, processor time, time. LIFE: the seconds after which a busy
thread ends and another takes its place, 0: never. WORK: steps, points (of the Mandelbrot set, with frames that
change all the time), walks (ever other stacks), json, zlib, re, sqlite, calls (of C that calls Python, eight times,
which is some 40 native frames). A single busy thread that never ends is the main thread.
"""

import json
import mmap
import random
import re
import sqlite3
import struct
import sys
import threading
import time
import zlib

TEXT = json.dumps([{"name": str(number), "value": number} for number in range(400)])
DATA = bytes(range(256)) * 100
QUERY = (
    "with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) select sum (i * i) from n"
)
LEAVE = threading.Event()


def do_steps():
    total = 0
    for step in range(20000):
        total += step & 3
    return total


def do_points():
    x = y = 0.0
    for step in range(200):
        x, y = x * x - y * y - 0.1, 2.0 * x * y + 0.1
        if x * x + y * y > 4.0:
            break
    return step


def walk_left(way):
    if way > 1:
        (walk_left if way & 1 else walk_right)(way >> 1)


def walk_right(way):
    if way > 1:
        (walk_left if way & 1 else walk_right)(way >> 1)


def do_walks():
    for _ in range(50):
        walk_left(random.getrandbits(40) | 1 << 40)


def do_calls(levels=8):
    max((levels - 1,), key=do_calls) if levels > 1 else do_steps()


WORKS = {
    "steps": do_steps,
    "points": do_points,
    "walks": do_walks,
    "json": lambda: json.loads(TEXT),
    "zlib": lambda: zlib.compress(DATA),
    "re": lambda: re.match("(a*)*b", "a" * 12),
    "calls": do_calls,
    "sqlite": lambda: sqlite3.connect(":memory:").execute(QUERY).fetchall(),
}


def tell():
    global pieces
    pieces += 1
    told[:24] = struct.pack("3d", pieces, time.process_time(), time.monotonic())


def work():
    end = time.monotonic() + (life or 1e9)
    while time.monotonic() < end:
        do_piece()
        tell()


def descend(levels):
    if levels > 1:
        descend(levels - 1)
    else:
        work()


def live(depth):
    """Below it are three frames of threading."""
    descend(depth - 6)


def main():
    depth = int(sys.argv[4])
    busy = int(sys.argv[2])
    for _ in range(int(sys.argv[3])):
        threading.Thread(target=LEAVE.wait, daemon=True).start()
    if busy == 1 and not life:
        descend(depth - 4) if depth > 4 else work()
    threads = []
    while True:
        threads = [thread for thread in threads if thread.is_alive()]
        while len(threads) < busy:
            threads.append(threading.Thread(target=live, args=(depth,), daemon=True))
            threads[-1].start()
        threads[0].join()


pieces = 0
life = float(sys.argv[5]) if len(sys.argv) > 5 else 0.0
do_piece = WORKS[sys.argv[6] if len(sys.argv) > 6 else "steps"]
with open(sys.argv[1], "r+b") as file:
    told = mmap.mmap(file.fileno(), 24)
main()
