# SPDX-License-Identifier: GPL-3.0-or-later
"""That salamander-helper ends when nobody needs it."""

import os
import time

import world
from world import ALICE, BUS_NAME, SLEEPER, equal, program, refusal, wait_for

w = world.World("if (subject.user == 'salamander-alice') return polkit.Result.YES;")
alice = w.person(ALICE)
root = w.person(0)


def idle():
    """the helper ends when it has been idle for half a minute, and comes back when it is called"""
    with program(SLEEPER, ALICE) as process:
        equal(refusal(alice.attach, process.pid), None, "before")
        helper = root.pid_of(BUS_NAME)
        end = time.monotonic() + 2 * world.DEADLINE_S
        while root.has_owner(BUS_NAME):
            assert time.monotonic() < end, "the helper does not end"
            time.sleep(0.1)
        wait_for(lambda: not os.path.exists(f"/proc/{helper}/mem"), "its end")
        equal(refusal(alice.attach, process.pid), None, "afterwards")


world.run_tests([idle])
