# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens large .prof files with Salamander's reader and with pstats, in the same run.

Usage: bench-prof.py OPENER, a program that opens the file it is given and prints its milliseconds and
peak memory in MB.
"""
import marshal
import os
import pstats
import random
import resource
import subprocess
import sys
import tempfile
import time

ROUNDS = 5


def make_stats(n_functions):
    """As cProfile makes it: a key of its own for each entry, one shared by the edges of a caller."""
    dice = random.Random(1)
    files = [
        f"/usr/lib/python3/dist-packages/package_{n % 40}/module_{n}.py"
        for n in range(n_functions // 20 + 1)
    ]
    names = [f"function_{n}_of_this_module" for n in range(n_functions)]
    keys = [(files[n // 20], n % 900 + 1, names[n]) for n in range(n_functions)]
    stats = {}
    for n in range(n_functions):
        callers = {
            keys[dice.randrange(n_functions)]: (2, 1, dice.random(), dice.random())
            for _ in range(dice.choice((0, 1, 1, 2, 3, 5)))
        }
        stats[(files[n // 20], n % 900 + 1, names[n])] = (1, 2, dice.random(), dice.random(), callers)
    return stats


def open_with_pstats(path):
    started = time.perf_counter()
    pstats.Stats(path)
    return (time.perf_counter() - started) * 1000


def open_with_us(opener, path):
    answer = subprocess.run([opener, path], check=True, capture_output=True, text=True)
    return [float(number) for number in answer.stdout.split()]


def main():
    opener = sys.argv[1]
    for n_functions in (4000, 20000, 200000):
        with tempfile.NamedTemporaryFile(suffix=".prof") as file:
            file.write(marshal.dumps(make_stats(n_functions)))
            file.flush()
            megabytes = os.path.getsize(file.name) / 1e6
            ours = [open_with_us(opener, file.name) for _ in range(ROUNDS)]
            theirs = min(open_with_pstats(file.name) for _ in range(2))
        print(
            f"{n_functions} functions, {megabytes:.1f} MB: Salamander {min(o[0] for o in ours):.1f} ms, "
            f"{max(o[1] for o in ours):.0f} MB; pstats {theirs:.1f} ms",
            flush=True,
        )
    print(f"pstats' peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


main()
