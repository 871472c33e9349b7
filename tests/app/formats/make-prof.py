# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes .prof files with the Python that runs this, and beside each what pstats reads in it.

Usage: make-prof.py FOLDER. Prints the name of each file without its ending. Runs on Python 3.4 and later.
"""
import cProfile
import json
import os
import profile
import pstats
import sys
import threading


def count_down(n):
    return 0 if n == 0 else 1 + count_down(n - 1)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def naïve_größe(items):
    return sorted(items, key=lambda x: -x)


class Worker:
    def step(self, n):
        return [str(i).upper() for i in range(n)]

    def run(self):
        thread = threading.Thread(target=self.step, args=(50,))
        thread.start()
        thread.join()
        return sum(len(self.step(n)) for n in range(20))


def run_odd_names():
    names = {}
    for file in ("odd\udc80name.py", "line\nbreak.py", "semi;colon </script>.py", "x" * 300 + ".py"):
        exec(compile("def f():\n    return len('abc')\nf()\n", file, "exec"), names)
    exec("def " + "very_" * 80 + "long(): return 1\n" + "very_" * 80 + "long()", names)


def work():
    count_down(30)
    is_even(21)
    naïve_größe([3, 1, 2])
    Worker().run()
    json.loads(json.dumps({"a": [1, 2, {"b": None}] * 30}))
    run_odd_names()


def escape(text):
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def name_function(key):
    file, line, name = key
    builtin = line == 0 and file in ("~", "")
    return {"file": "" if builtin else escape(file), "line": line, "name": escape(name)}


def describe_edge(caller, edge):
    row = name_function(caller)
    if isinstance(edge, tuple):
        row.update(zip(("ncalls", "pcalls", "tottime", "cumtime"), edge))
    else:
        row["ncalls"] = edge
    return row


def describe(path):
    rows = []
    for key, (pcalls, ncalls, tottime, cumtime, callers) in pstats.Stats(path).stats.items():
        row = name_function(key)
        row.update(pcalls=pcalls, ncalls=ncalls, tottime=tottime, cumtime=cumtime)
        row["callers"] = [describe_edge(caller, edge) for caller, edge in callers.items()]
        rows.append(row)
    return {"functions": rows}


def finish(folder, name, dump):
    path = os.path.join(folder, name)
    dump(path + ".prof")
    with open(path + ".json", "w", encoding="utf-8") as file:
        json.dump(describe(path + ".prof"), file)
    print(name)


def main():
    folder = sys.argv[1]
    sys.setrecursionlimit(3000)
    measured = cProfile.Profile()
    measured.runcall(work)
    finish(folder, "cprofile", measured.dump_stats)
    twice = pstats.Stats(os.path.join(folder, "cprofile.prof"))
    twice.add(os.path.join(folder, "cprofile.prof"))
    finish(folder, "added", twice.dump_stats)
    finish(folder, "stripped", twice.strip_dirs().dump_stats)
    slow = profile.Profile(bias=0)
    slow.runcall(work)
    finish(folder, "profile", slow.dump_stats)


main()
