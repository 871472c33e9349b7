# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that the benchmarks of samplers look at, and what it and a sampler have used."""

import os
import pathlib
import shutil
import signal
import struct
import subprocess
import time

TARGETS = pathlib.Path(__file__).parent.parent / "targets"
PATIENCE_S = 30
LEAST_PIECES = 20


class Failed(Exception):
    pass


def read_cpu(pid):
    """Processor seconds of a process with all its threads. Source: Linux, include/linux/posix-timers_types.h."""
    return time.clock_gettime(~pid << 3 | 2)


def await_true(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise Failed(what)
        time.sleep(0.01)


class Program:
    """tests/targets/crowd.py under an interpreter, which may live in a root folder of its own and sees @folder."""

    def __init__(self, python, folder, busy=1, idle=0, depth=50, life=0, work="steps"):
        script = shutil.copy(TARGETS / "crowd.py", folder)
        self.told = pathlib.Path(folder, "told")
        self.told.write_bytes(bytes(24))
        self.n_threads = busy + idle + (0 if busy == 1 and not life else 1)
        words = [str(word) for word in (python, script, self.told, busy, idle, depth, life, work)]
        self.process = subprocess.Popen(words, cwd="/")
        self.pid = self.process.pid
        try:
            await_true(lambda: self.read()[0] > 0, f"{python} does not run")
        except Failed:
            self.end()
            raise

    def read(self):
        """Pieces of work done, processor seconds, seconds; all of one moment."""
        while True:
            told = self.told.read_bytes()
            if told == self.told.read_bytes():
                return struct.unpack("3d", told)

    def is_held(self):
        """Whether a tracer holds one of its threads still."""
        for path in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat"):
            try:
                if path.read_text().rpartition(") ")[2][0] in "tT":
                    return True
            except OSError:
                pass
        return False

    def measure(self, seconds):
        """Processor seconds and seconds of a piece of work. A busy machine needs a longer window."""
        before = after = self.read()
        end = time.monotonic() + seconds
        while time.monotonic() < end or after[0] - before[0] < LEAST_PIECES:
            if time.monotonic() > end + PATIENCE_S:
                raise Failed("the program stood still")
            time.sleep(max(0.01, end - time.monotonic()))
            after = self.read()
        pieces = after[0] - before[0]
        return (after[1] - before[1]) / pieces, (after[2] - before[2]) / pieces

    def end(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def runs_on(program):
    """Whether the program works on, and not just until it stops as it was asked to."""
    before = program.read()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and not program.is_held():
        if program.read() != before:
            return True
        time.sleep(0.001)
    return False


def pause(sampler_pid, program):
    """Stops a sampler in a moment in which it holds nobody, and has asked nobody to stop."""
    for _ in range(200):
        os.kill(sampler_pid, signal.SIGSTOP)
        while pathlib.Path(f"/proc/{sampler_pid}/stat").read_text().rpartition(") ")[2][0] != "T":
            time.sleep(0.001)
        if runs_on(program):
            return
        os.kill(sampler_pid, signal.SIGCONT)
        time.sleep(0.001)
    raise Failed("it holds the program all the time")


def compare(program, sampler_pid, n_pairs, on_s=0.3, off_s=0.3, lead_s=0.15):
    """How much more of each the program needs for a piece of work while a sampler works than while it is paused:
    lists of shares of processor time and of time, and the sampler's share of a processor while it works. Off and
    on change places from pair to pair, so that a drift of the machine cancels; what a sampler has missed
    while it was paused it may catch up with before a window begins."""
    growths = [], []
    cpu = span = 0
    for pair in range(n_pairs):
        costs = {}
        for is_on in (True, False) if pair % 2 else (False, True):
            if is_on:
                os.kill(sampler_pid, signal.SIGCONT)
            else:
                pause(sampler_pid, program)
            time.sleep(lead_s if is_on else 0.02)
            begun, begun_cpu = time.monotonic(), read_cpu(sampler_pid)
            costs[is_on] = program.measure(on_s if is_on else off_s)
            if is_on:
                cpu += read_cpu(sampler_pid) - begun_cpu
                span += time.monotonic() - begun
        for list_, on, off in zip(growths, costs[True], costs[False]):
            list_.append(on / off - 1)
    os.kill(sampler_pid, signal.SIGCONT)
    return growths[0], growths[1], cpu / span
