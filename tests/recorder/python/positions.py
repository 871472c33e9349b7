# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes where every instruction of much of the standard library comes from, for test-python-positions.

Usage: positions.py [all]

Tells of about 160 files, with "all" of every file. For each code object, in native integers of 32 bits:
the first line, the length of the table, the number of instructions, the table, and per instruction line,
end line, column and end column as SalPythonPosition has them. In 2.7, where instructions have no even
length, every byte counts as an instruction. The expected answers are those of co_positions(), in 3.10 of
co_lines(), and before that of dis.findlinestarts().
"""

import dis
import os
import struct
import sys
import sysconfig
import types
import warnings

out = getattr(sys.stdout, "buffer", sys.stdout)
N_FILES = 160
UNIT = 1 if sys.version_info[0] == 2 else 2


def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            for inner in codes(constant):
                yield inner


def numbers(position):
    line, end_line, column, end_column = position
    return (line or 0, end_line or 0, 0 if column is None else column + 1, 0 if end_column is None else end_column + 1)


def places_of(code):
    if hasattr(code, "co_positions"):
        return [numbers(position) for position in code.co_positions()]
    lines = [0] * (len(code.co_code) // UNIT)
    if hasattr(code, "co_lines"):
        for start, end, line in code.co_lines():
            lines[start // UNIT : end // UNIT] = [line or 0] * ((end - start) // UNIT)
    else:
        starts = list(dis.findlinestarts(code)) + [(len(code.co_code), 0)]
        lines[: starts[0][0] // UNIT] = [code.co_firstlineno] * (starts[0][0] // UNIT)
        for (start, line), (end, _) in zip(starts, starts[1:]):
            lines[start // UNIT : end // UNIT] = [line] * ((end - start) // UNIT)
    return [(line, line, 0, 0) for line in lines]


warnings.simplefilter("ignore")
folder = sysconfig.get_path("stdlib")
paths = []
for base, folders, names in os.walk(folder):
    if sys.argv[1:] != ["all"]:
        folders[:] = sorted(name for name in folders if name not in ("site-packages", "dist-packages", "test", "lib2to3"))
    paths += [os.path.join(base, name) for name in sorted(names) if name.endswith(".py")]
step = 1 if sys.argv[1:] == ["all"] else max(1, len(paths) // N_FILES)
for path in paths[::step]:
    try:
        with open(path, "rb") as file:
            top = compile(file.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, TypeError, ValueError, UnicodeDecodeError, RecursionError if UNIT == 2 else RuntimeError):
        continue
    for code in codes(top):
        table = code.co_linetable if hasattr(code, "co_linetable") else code.co_lnotab
        places = places_of(code)
        out.write(struct.pack("=III", code.co_firstlineno, len(table), len(places)))
        out.write(table)
        out.write(struct.pack("=%dI" % (4 * len(places)), *[number for place in places for number in place]))
