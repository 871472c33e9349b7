# SPDX-License-Identifier: GPL-3.0-or-later
"""Works for 50 ms and ends."""

import time


def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


work(0.05)
