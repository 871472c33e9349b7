# SPDX-License-Identifier: GPL-3.0-or-later
# -*- coding: utf-8 -*-
"""Climbs up and down ladders of calls as fast as it can. What no stack can show can be told by names.

Usage: ladders.py SECONDS CLIMB...

A rung is a function LETTER_N. Only LETTER_(N-1) calls it, in the line after its first; rung 0 is
called by what is no rung. Two ladders are climbed by turns, of rungs whose frames differ in size:

calls       plain calls, as short as can be
generators  generators within generators, each resumed for each value
coroutines  coroutines that await one another, suspended and resumed at the end (from 3.6 on)
exceptions  an exception from the end, caught and raised again on its way, its traceback kept
threads     plain calls in threads that come and go
recursion   10,000 frames deep: LETTER_0 is called by the last rung too

Says "at work" when it begins.
"""

import sys
import threading
import time

clock = getattr(time, "monotonic", time.time)
KEPT = []
N_RUNGS = 46
N_DEEP = 10000

# The one rung, and the last. {locals} makes the frames of one ladder larger.
CALLS = ("def {x}_{i}():\n    return {x}_{j}()\n    {locals}\n", "def {x}_{i}():\n    return 1\n")
GENERATORS = (
    "def {x}_{i}():\n    for value in {x}_{j}():\n        yield value\n    {locals}\n",
    "def {x}_{i}():\n    yield 1\n    yield 2\n    yield 3\n",
)
COROUTINES = (
    "async def {x}_{i}():\n    return await {x}_{j}()\n    {locals}\n",
    "async def {x}_{i}():\n    return await Pause()\n",
)
EXCEPTIONS = (
    "def {x}_{i}():\n    try: return {x}_{j}()\n    except KeyError: raise\n    {locals}\n",
    "def {x}_{i}():\n    raise KeyError\n",
)
RECURSION = (
    "def {x}_{i}(n):\n    return {x}_{j}(n - 1) if n > 1 else wiggle_{x}()\n    {locals}\n",
    "def {x}_{i}(n):\n    return {x}_0(n - 1) if n > 1 else wiggle_{x}()\n",
)


def make(letter, form):
    """Makes a ladder and returns its rung 0."""
    text = "".join(
        form[i == N_RUNGS - 1].format(
            x=letter, i=i, j=i + 1, locals="p = q = r = s = 0" if letter in "bdfhjl" else "pass"
        )
        for i in range(N_RUNGS)
    )
    exec(compile(text, "<ladder>", "exec"), globals())
    return globals()[letter + "_0"]


class Pause(object):
    def __await__(self):
        yield 1
        yield 2


def climb_calls(ladders):
    for _ in range(20):
        for climb in ladders:
            climb()


def climb_generators(ladders):
    for _ in range(5):
        for climb in ladders:
            for _ in climb():
                pass


def climb_coroutines(ladders):
    for _ in range(5):
        for climb in ladders:
            coroutine = climb()
            try:
                while True:
                    coroutine.send(None)
            except StopIteration:
                pass


def climb_exceptions(ladders):
    for _ in range(5):
        for climb in ladders:
            try:
                climb()
            except KeyError:
                KEPT.append(sys.exc_info()[2])
            if len(KEPT) > 20:
                del KEPT[:10]


def climb_threads(ladders):
    threads = [threading.Thread(target=climb_calls, args=([climb] * 50,)) for climb in ladders * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wiggle_k():
    for _ in range(50):
        climb_calls(TOPS)


def wiggle_l():
    wiggle_k()


def climb_recursion(ladders):
    for climb in ladders:
        climb(N_DEEP)


FORMS = {
    "calls": ("ab", CALLS, climb_calls),
    "generators": ("cd", GENERATORS, climb_generators),
    "coroutines": ("ef", COROUTINES, climb_coroutines),
    "exceptions": ("gh", EXCEPTIONS, climb_exceptions),
    "threads": ("ij", CALLS, climb_threads),
    "recursion": ("kl", RECURSION, climb_recursion),
}


def main(seconds, names):
    end = clock() + seconds
    climbs = []
    for name in names:
        letters, form, climb = FORMS[name]
        climbs.append((climb, [make(letter, form) for letter in letters]))
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while clock() < end:
        for climb, ladders in climbs:
            # Long enough that a look meets it.
            until = clock() + 0.005
            while clock() < until:
                climb(ladders)


if __name__ == "__main__":
    sys.setrecursionlimit(N_DEEP + 1000)
    TOPS = [make(letter, CALLS) for letter in "mn"]
    threading.stack_size(512 << 20)
    thread = threading.Thread(target=main, args=(float(sys.argv[1]), sys.argv[2:]))
    thread.start()
    threading.stack_size(0)
    thread.join()
