# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes in an extension that the tests have built, for a while.

Usage: extension.py MODULE SECONDS FOLDER: MODULE, which is in FOLDER, has a function burn (rounds)."""

import importlib
import sys
import time


def repeat(call):
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        call(20000)


sys.path.insert(0, sys.argv[3])
repeat(importlib.import_module(sys.argv[1]).burn)
