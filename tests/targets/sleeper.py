# SPDX-License-Identifier: GPL-3.0-or-later
"""Sleeps. Says "ready" first, so that a test knows when it does.

Usage: sleeper.py [SECONDS]
"""

import sys
import time


def nap(seconds):
    time.sleep(seconds)


print("ready", flush=True)
nap(float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0)
