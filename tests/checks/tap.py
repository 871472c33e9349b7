# SPDX-License-Identifier: GPL-3.0-or-later
"""The few lines that a check needs to speak TAP, and the list of the tree's files."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*patterns):
    """Paths, relative to the root, of the tracked or new files whose names match one of @patterns."""
    names = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return sorted({pathlib.Path(name) for name in names if name and (ROOT / name).is_file()})


def run(checks):
    """Runs @checks, pairs of a sentence and a function that yields one line for each fault."""
    print(f"1..{len(checks)}")
    for number, (sentence, check) in enumerate(checks, 1):
        faults = list(check())
        for fault in faults:
            print(f"# {fault}")
            print(fault, file=sys.stderr)
        print(f"{'not ' if faults else ''}ok {number} - {sentence}")
        sys.stdout.flush()
