# SPDX-License-Identifier: GPL-3.0-or-later
"""Salamander beside other samplers of Python programs: both sides of each row are measured by turns in the same run.

Usage: bench-rivals.py RECORDER CLI --cache FOLDER [--only ROW]... [--rounds N] [--pairs N] [--seconds S]
    [--minutes N]

Tachyon (Python 3.15's profiling.sampling) comes from the root folder that tests/pythons.sh makes; Austin and py-spy
come from PyPI into the cache. A rival that is missing is said in one line. Samples are those of all threads at one
moment. Samples a second of the sampler's processor time stay true on a busy machine; those a second do not. Error is
the share of samples that failed or were rejected.
"""

import argparse
import contextlib
import copy
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

import rivals
from workload import Failed, Program, compare, read_cpu

MEMORY_HZ = 2000
HOUR_S = 3600 * 1000 / MEMORY_HZ  # with as many samples as an hour has at 1 kHz
ROWS = {}


def row(name, title):
    def add(function):
        ROWS[name] = title, function
        return function

    return add


def spread(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:+.2%} (quartiles {low:+.2%} … {high:+.2%})"


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.root = pathlib.Path(os.environ.get("SAL_TEST_PYTHONS") or "/var/lib/salamander-tests")
        self.ours = rivals.Salamander(options.recorder.resolve(), options.cli.resolve())
        self.rivals = rivals.find_rivals(options.cache, self.root / "sid", self.root / "bin")

    def find_groups(self, *names):
        """Interpreters, each with the samplers that can look at it."""
        groups = []
        for python, able in (
            (self.root / "bin" / "python3.15", ("Tachyon",)),
            (find_python(r"3\.1[1-3]"), ("Austin", "py-spy")),
        ):
            beside = [self.rivals[name] for name in able if name in self.rivals and name in names]
            if python is None or not python.exists():
                print(f"  There is no {python or 'Python 3.11 to 3.13'} here.")
            elif beside or python.name == "python3.15":
                groups.append((python, [self.ours, *beside]))
        return groups

    def record(self, python, samplers, rate, native=False, **program):
        """Runs of each sampler by turns, on one program; a line for each."""
        runs = {sampler: [] for sampler in samplers}
        with Program(python, self.folder, **program) as target:
            for _ in range(self.options.rounds):
                for sampler in list(runs):
                    try:
                        run = sampler.record(target, rate, self.options.seconds, self.folder, native)
                    except Failed as error:
                        print(f"    {sampler.label}: {error}")
                        del runs[sampler]
                    else:
                        runs[sampler].append(run)
        medians = {}
        for sampler, done in runs.items():
            rates = [run.rate for run in done]
            medians[sampler] = figures = [
                statistics.median(getattr(run, name) for run in done)
                for name in ("rate", "per_cpu", "cpu_share", "errors")
            ]
            print(
                f"    {sampler.label:18} {figures[0]:9,.0f}/s ({min(rates):,.0f} … {max(rates):,.0f}), "
                f"{figures[1]:9,.0f} a processor second, {figures[2]:.3f} of a processor, "
                f"error {figures[3]:.2%}{done[-1].note}"
            )
        return medians

    def race(self, *names, **program):
        """Flat out, with the ratios."""
        for python, samplers in self.find_groups(*names):
            print(f"  {python}, as often as possible:")
            medians = self.record(python, samplers, None, **program)
            ours = medians.get(self.ours)
            for sampler, figures in medians.items():
                if sampler is not self.ours and ours:
                    print(
                        f"    Salamander : {sampler.name} = {ours[0] / figures[0]:.1f} by time, "
                        f"{ours[1] / figures[1]:.1f} by processor time"
                    )

    def slow_down(self, python, samplers, rate, native=False, **program):
        """The program's growth, on and off by turns."""
        with Program(python, self.folder, **program) as target:
            for sampler in [*samplers, None]:
                process = None
                try:
                    if sampler is None:
                        process = subprocess.Popen(["sleep", "1000"])
                    else:
                        process = sampler.start(target, rate, 1000, self.folder, native)
                        time.sleep(1.5)
                    cpu, wall, share = compare(target, process.pid, self.options.pairs)
                    print(
                        f"    {sampler.label if sampler else 'nobody (noise)':18} processor time {spread(cpu)}, "
                        f"time {spread(wall)}, {share:.3f} of a processor"
                    )
                except (Failed, OSError) as error:
                    print(f"    {sampler.label}: {error}")
                finally:
                    if process:
                        process.kill()
                        process.wait()


def find_python(versions):
    """An interpreter whose version matches: one that pyenv has, or the system."""
    folder = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv", "versions")
    for path in sorted(folder.glob("*")):
        if re.match(versions + r"\.\d+$", path.name):
            return path / "bin" / "python"
    for minor in range(8, 16):
        found = shutil.which(f"python3.{minor}") if re.match(versions + "$", f"3.{minor}") else None
        if found:
            return pathlib.Path(found)
    return None


@row("deep", "one thread, 50 frames")
def deep(bench):
    bench.race("Tachyon", "Austin", "py-spy")


@row("points", "one thread, 4 frames of the Mandelbrot set")
def points(bench):
    bench.race("Tachyon", "Austin", "py-spy", depth=4, work="points")


@row("threads", "10 threads of 20 frames, all recorded")
def threads(bench):
    bench.race("Tachyon", "Austin", "py-spy", busy=10, depth=20)


@row("churn", "10 threads that live 0.15 s, at 1 kHz")
def churn(bench):
    for python, samplers in bench.find_groups("Tachyon", "Austin", "py-spy"):
        print(f"  {python}:")
        bench.record(python, samplers, 1000, busy=10, depth=20, life=0.15)


@row("idle", "100 threads, 98 of them idle, at 1 kHz")
def idle(bench):
    for python, samplers in bench.find_groups("Tachyon", "Austin", "py-spy"):
        print(f"  {python}:")
        bench.record(python, samplers, 1000, busy=1, idle=98, depth=20)
        bench.slow_down(python, samplers, 1000, busy=1, idle=98, depth=20)


@row("slow-down", "the program's slow-down at 1 kHz, one thread of 50 frames")
def slow_down(bench):
    for python, samplers in bench.find_groups("Tachyon", "Austin", "py-spy"):
        print(f"  {python}:")
        bench.slow_down(python, samplers, 1000)


@row("cpu", "the sampler's processor time at 1 and 10 kHz, one thread of 50 frames")
def cpu(bench):
    for python, samplers in bench.find_groups("Tachyon", "Austin", "py-spy"):
        for rate in (1000, 10000):
            print(f"  {python}, {rate} Hz:")
            bench.record(python, samplers, rate)


@row("memory", "memory and file at 2 kHz")
def memory(bench):
    """All at the same time: what they keep does not depend on who else runs. Salamander grows until its queue of 65,536
    records has been used once; a period is to be longer."""
    with contextlib.ExitStack() as stack:
        watched = []
        for work, means in (("json", "few stacks"), ("walks", "a new stack in each sample")):
            for python, samplers in bench.find_groups("Tachyon", "Austin", "py-spy"):
                folder = pathlib.Path(bench.folder, f"{work}-{python.name}")
                folder.mkdir()
                target = stack.enter_context(Program(python, folder, depth=20, work=work))
                watched += [(f"{python.name}, {means}", copy.copy(sampler), target) for sampler in samplers]
        watch_memory(bench.options.minutes * 60, watched)


def read_rss(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s*(\d+) kB", text)
    return int(found.group(1)) / 1024 if found else 0.0


def watch_memory(period, watched):
    started = [
        sampler.start(target, MEMORY_HZ, int(2 * period + 5), target.told.parent) for _, sampler, target in watched
    ]
    seen = []
    for _ in range(2):
        time.sleep(period)
        seen.append([read_rss(process.pid) if process.poll() is None else 0 for process in started])
    for (where, sampler, _), process, first, second in zip(watched, started, *seen):
        process.send_signal(signal.SIGINT)
        process.wait()
        try:
            samples = sampler.read(2 * period, 1).samples
            file = f"{sampler.output.stat().st_size / samples:.2f} bytes" if sampler.output.exists() else "nothing"
        except Failed as error:
            print(f"    {sampler.label}: {error}")
            continue
        hour = second + (second - first) * (HOUR_S / period - 2)
        print(
            f"  {where}: {sampler.label:18} {first:.1f} MiB after {period:.0f} s, {second:.1f} MiB after "
            f"{2 * period:.0f} s; if it went on like this, {hour:.0f} MiB after an hour at 1 kHz; "
            f"{file} of file a sample ({samples:,.0f})"
        )


def count_calls(bench, sampler, program, seconds):
    """Samples, and system calls of all kinds and of those that read the program's memory."""
    table = pathlib.Path(bench.folder, "calls")
    strace = ["strace", "-f", "-c", "-U", "calls,name", "-o", table]
    process = sampler.start(program, 1000, seconds, bench.folder, before=strace)
    end = time.monotonic() + seconds + 1.5
    while process.poll() is None and (sampler.ends_itself or time.monotonic() < end):
        time.sleep(0.02)
    if process.poll() is None:
        # strace(1) hands no signal on.
        for child in pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGINT)
        process.wait()
    calls = {name: int(n) for n, name in re.findall(r"^\s*(\d+) (\w+)$", table.read_text(), re.M)}
    reads = calls.get("process_vm_readv", 0) + calls.get("pread64", 0)
    return sampler.read(seconds, 1).samples, calls.pop("total"), reads


@row("old", "Python up to 3.10, one thread, 50 frames")
def old(bench):
    python = find_python(r"3\.10") or find_python(r"3\.[89]")
    if python is None:
        print("  There is no Python 3.8 to 3.10 here.")
        return
    samplers = [bench.ours, *(bench.rivals[name] for name in ("Austin", "py-spy") if name in bench.rivals)]
    print(f"  {python}, as often as possible:")
    bench.record(python, samplers, None)
    if not shutil.which("strace"):
        print("  There is no strace here that could count system calls.")
        return
    with Program(python, bench.folder) as target:
        for sampler in samplers:
            try:
                # What a longer run has more: neither its start nor its end.
                short, long = (count_calls(bench, sampler, target, seconds) for seconds in (1, 3))
                samples = long[0] - short[0]
                print(
                    f"    {sampler.label:18} {(long[1] - short[1]) / samples:.2f} system calls a sample, "
                    f"{(long[2] - short[2]) / samples:.2f} of them read it"
                )
            except (Failed, ZeroDivisionError) as error:
                print(f"    {sampler.label}: {error}")


@row("native", "native stacks too")
def native(bench):
    python = find_python(r"3\.1[1-3]")
    samplers = [bench.ours, *([bench.rivals["py-spy"]] if "py-spy" in bench.rivals else [])]
    for work in ("json", "re", "sqlite"):
        for rate in (100, None):
            print(f"  {python}, {work}, {f'{rate} Hz' if rate else 'as often as possible'}:")
            bench.record(python, samplers, rate, native=True, depth=20, work=work)
    print(f"  {python}, json, slow-down at 100 Hz:")
    bench.slow_down(python, samplers, 100, native=True, depth=20, work="json")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("Usage: ")[2].partition("\n\n")[0])
    parser.add_argument("recorder", type=pathlib.Path)
    parser.add_argument("cli", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--only", action="append", choices=ROWS, default=[])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=0.8)
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    options.cache = options.cache.resolve()
    with tempfile.TemporaryDirectory(prefix="work-", dir=options.cache) as folder:
        bench = Bench(options, folder)
        print("; ".join(sampler.label for sampler in (bench.ours, *bench.rivals.values())), flush=True)
        for name, (title, measure) in ROWS.items():
            if not options.only or name in options.only:
                load = pathlib.Path("/proc/loadavg").read_text().split()
                print(f"{name}: {title} (load {load[0]}, {load[3]} run, {os.cpu_count()} processors)", flush=True)
                measure(bench)


if __name__ == "__main__":
    main()
