# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes in libraries, whose C functions are known by name or by file.

Usage: libraries.py WHAT SECONDS: matrix (numpy, in two threads), sort, fft (numpy); json, sqlite."""

import json
import sqlite3
import sys
import threading
import time


def repeat(call):
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        call()


def parse():
    json.loads(TEXT)


def select():
    sqlite3.connect(":memory:").execute(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)"
        " select sum (i * i) from n"
    ).fetchall()


def multiply():
    numpy.dot(MATRIX, MATRIX)


def sort():
    numpy.sort(NUMBERS)


def transform():
    numpy.fft.fft(NUMBERS)


TEXT = json.dumps([{"a": [1.5, "text", None]}] * 2000)
if sys.argv[1] in ("matrix", "sort", "fft"):
    import numpy

    NUMBERS = numpy.random.rand(1 << 16)
    MATRIX = numpy.random.rand(200, 200)
if sys.argv[1] == "matrix":
    threads = [threading.Thread(target=repeat, args=(multiply,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
else:
    repeat({"sort": sort, "fft": transform, "json": parse, "sqlite": select}[sys.argv[1]])
