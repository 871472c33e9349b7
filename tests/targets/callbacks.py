# SPDX-License-Identifier: GPL-3.0-or-later
# -*- coding: utf-8 -*-
"""Goes from Python through C into Python in as many ways as the standard library knows.

Usage: callbacks.py SECONDS

sorts: sorted() calls key() and __lt__; maps: map() and filter(); replaces: re.sub() with a function; encodes: json with
default() and hook(); generates: generators within sum() and within each other; hashes: a dict calls __hash__ and
__eq__; descends: a recursion; raises: exceptions through frames; executes: code made up on the way; compares:
qsort(3) calls compare() through ctypes; awaits: asyncio.
"""

import ctypes
import json
import re
import sys
import time

clock = getattr(time, "monotonic", time.time)
NUMBERS = list(range(100, 0, -1))


class Item(object):
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        return self.number < other.number

    def __eq__(self, other):
        return self.number == other.number

    def __hash__(self):
        return hash(self.number)

    def __repr__(self):
        return "Item(%d)" % self.value

    @property
    def value(self):
        return self.number


def key(number):
    return -number


def square(number):
    return number * number


def upper(match):
    return match.group(0).upper()


def default(item):
    return [item.number]


def hook(mapping):
    return mapping


def produce(n):
    for i in range(n):
        yield square(i)


def within(n):
    for i in produce(n):
        yield i


def sorts():
    sorted(NUMBERS, key=key)
    sorted([Item(number) for number in NUMBERS])


def maps():
    list(map(square, NUMBERS))
    sum(map(square, filter(key, NUMBERS)))


def replaces():
    re.sub("[a-z]+", upper, "hello world and so on " * 10)


def encodes():
    json.dumps([Item(i) for i in range(20)], default=default)
    json.loads('[{"a": 1}, {"b": 2}]', object_hook=hook)


def generates():
    sum(within(50))


def hashes():
    table = dict((Item(i), i) for i in range(20))
    table.get(Item(3))
    str(list(table))


def descend(n):
    return n if n < 2 else descend(n - 1) + descend(n - 2)


def descends():
    descend(10)


def fall(n):
    if n:
        fall(n - 1)
    raise ValueError


def raises():
    for _ in range(20):
        try:
            fall(3)
        except ValueError:
            pass


def executes():
    exec("def f():\n    return 2\nf()\nclass A:\n    a = 1\n    def __init__(self): pass\nA()", {})


POINTER = ctypes.POINTER(ctypes.c_int)


def compare(a, b):
    return a[0] - b[0]


COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, POINTER, POINTER)(compare)
LIBC = ctypes.CDLL(None)
ARRAY = ctypes.c_int * 50


def compares():
    LIBC.qsort(ARRAY(*range(50, 0, -1)), 50, 4, COMPARE)


WAYS = [sorts, maps, replaces, encodes, generates, hashes, descends, raises, executes, compares]
if sys.version_info >= (3, 7):
    import asyncio

    exec("async def wait(n):\n    if n:\n        await wait(n - 1)")

    def awaits():
        asyncio.run(wait(5))

    WAYS.append(awaits)

end = clock() + float(sys.argv[1])
while clock() < end:
    for way in WAYS:
        way()
