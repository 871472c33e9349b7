# SPDX-License-Identifier: GPL-3.0-or-later
"""Works for a fifth of a second and exits with a status, or is ended by a signal.

Usage: exit_status.py CODE | -SIGNAL
"""

import os
import sys
import time


def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


work(0.2)
code = int(sys.argv[1])
if code < 0:
    os.kill(os.getpid(), -code)
    time.sleep(60)
sys.exit(code)
