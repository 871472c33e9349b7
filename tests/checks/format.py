# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that every C file is as clang-format 14 would have it (other versions lay out otherwise)."""

import re
import shutil
import subprocess

import tap

program = next(filter(None, map(shutil.which, ("clang-format-14", "clang-format"))), None)
version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout if program else ""


def check():
    command = [program, "--dry-run", "--Werror", *map(str, tap.files("*.c", "*.h"))]
    answer = subprocess.run(command, cwd=tap.ROOT, capture_output=True, text=True)
    if answer.returncode:
        yield from (line for line in answer.stderr.splitlines() if "error:" in line)


if re.search(r"version 14\.", version):
    tap.run([("every C file is formatted", check)])
else:
    print(f"1..0 # SKIP needs clang-format 14, found: {version.strip() or 'none'}")
