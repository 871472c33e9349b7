# SPDX-License-Identifier: GPL-3.0-or-later
"""The samplers that are compared: how each is found, called, and what it says it has done."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from workload import Failed, await_true, read_cpu

LOADER = "lib64/ld-linux-x86-64.so.2"


class Run:
    """What a sampler did in a recording."""

    def __init__(self, samples, seconds, errors, cpu_share, note=""):
        self.rate = samples / seconds
        self.samples = samples
        self.errors = errors  # share of the samples that failed or were rejected
        self.cpu_share = cpu_share  # of a processor, while it sampled
        self.note = note

    @property
    def per_cpu(self):
        """Samples a second of processor time."""
        return self.rate / self.cpu_share


class Sampler:
    """One of them. @rate: Hz, None = as often as possible."""

    ends_itself = True

    def __init__(self, version):
        self.version = version
        self.label = f"{self.name} {version}"

    def start(self, program, rate, seconds, folder, native=False, before=()):
        self.output = pathlib.Path(folder, f"{self.name}.out")
        self.text = pathlib.Path(folder, f"{self.name}.txt")
        self.n_threads = program.n_threads
        self.output.unlink(missing_ok=True)
        words = [*before, *self.get_command(program.pid, rate, seconds, native)]
        with open(self.text, "wb") as text:
            return subprocess.Popen([str(word) for word in words], stdout=text, stderr=subprocess.STDOUT, cwd=folder)

    def get_text(self):
        return self.text.read_text(errors="replace")

    def has_begun(self):
        return self.output.exists() and self.output.stat().st_size > 0

    def record(self, program, rate, seconds, folder, native=False, before=()):
        process = self.start(program, rate, seconds, folder, native, before)
        seen = []
        end = None if self.ends_itself else float("inf")
        try:
            while process.poll() is None:
                now = time.monotonic()
                try:
                    seen.append((now, read_cpu(process.pid)))
                except OSError:
                    break  # it has just ended
                if end == float("inf") and self.has_begun():
                    end = now + seconds
                elif end and now > end:
                    process.send_signal(signal.SIGINT)
                    end = None
                    sampled_until = now
                if now - seen[0][0] > seconds + 60:
                    raise Failed("it does not come to an end")
                time.sleep(0.02)
            process.wait()
        finally:
            process.kill()
            process.wait()
        until = seen[-1][0] if self.ends_itself else sampled_until
        # The middle of the time in which it sampled: neither its start nor its summing up.
        seen = [at for at in seen if until - 0.85 * seconds < at[0] < until - 0.15 * seconds]
        if len(seen) < 2:
            raise Failed(self.get_text().strip().split("\n")[-1] or "it says nothing")
        return self.read(seconds, (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0]))

    def find(self, pattern, text=None):
        found = re.search(pattern, self.get_text() if text is None else text)
        if not found:
            raise Failed(self.get_text().strip().split("\n")[-1] or "it says nothing")
        return float(found.group(1).replace(",", ""))


class Salamander(Sampler):
    name = "Salamander"

    def __init__(self, recorder, cli):
        self.recorder, self.cli = recorder, cli
        super().__init__(subprocess.check_output([recorder, "--version"], text=True).split()[-1])

    def get_command(self, pid, rate, seconds, native):
        words = [self.recorder, "--rate", rate or "max", "--budget", 0, "--duration", seconds, "--pid", pid]
        return words + ["--output", self.output] + (["--native"] if native else [])

    def get_info(self):
        return json.loads(subprocess.check_output([self.cli, "info", "--json", str(self.output)], text=True))

    def read(self, seconds, cpu_share):
        info = self.get_info()
        if info["ticks"] == 0:
            raise Failed(self.get_text().strip() or "no samples")
        bad = info["rejected"] + sum(info["errors"].values())
        note = f", {info['missed']} missed" if info["missed"] else ""
        if info["native_samples"]:
            merged = info["native_samples"] - info["native_seams"]
            note += f", {merged / info['native_samples']:.2%} of the native ones merged"
        return Run(info["ticks"], info["duration_s"], bad / (info["samples"] + bad), cpu_share, note)


class Tachyon(Sampler):
    """Python's own profiling.sampling. It looks at its own minor version of Python only, and only where it sees the
    same files: it is called in the name spaces of the program."""

    name = "Tachyon"

    def __init__(self, python):
        self.python = python
        super().__init__(subprocess.check_output([python, "--version"], text=True).split()[1])

    def get_command(self, pid, rate, seconds, native):
        enter = ["nsenter", "--target", pid, "--mount", "--root", "--wd=/"]
        if os.geteuid() != 0:
            enter += ["--user", "--preserve-credentials"]
        hz = int(rate or 1e6)
        return enter + [self.python.name, "-m", "profiling.sampling", "attach", "-a", "-r", hz, "-d", seconds, pid]

    def read(self, seconds, cpu_share):
        samples = self.find(r"Captured ([\d,]+) samples")
        took = self.find(r"samples in ([\d.,]+) seconds")
        return Run(samples, took, self.find(r"Error rate: ([\d.]+)") / 100, cpu_share)


class Austin(Sampler):
    """It counts each thread of a moment."""

    name = "Austin"

    def __init__(self, program, root):
        self.program = [program]
        if subprocess.run([program, "--version"], capture_output=True).returncode != 0:
            # Built for a newer C library than this system's.
            self.program = [root / LOADER, "--library-path", root / "usr/lib/x86_64-linux-gnu", program]
        super().__init__(subprocess.check_output([*self.program, "--version"], text=True).split()[-1])

    def get_command(self, pid, rate, seconds, native):
        interval = f"{round(1e6 / rate) if rate else 1}us"
        return [*self.program, "-i", interval, "-x", seconds, "-P", "-o", self.output, "-p", pid]

    def read(self, seconds, cpu_share):
        with open(self.output, "rb") as file:
            file.seek(max(0, self.output.stat().st_size - 4096))
            text = file.read().decode("latin-1")
        samples = self.find(r"count\0(\d+)\0", text) / self.n_threads
        bad = self.find(r"errors\0(\d+)/", text) / self.n_threads
        return Run(samples, self.find(r"duration\0(\d+)\0", text) / 1e6, bad / max(1, samples), cpu_share)


class PySpy(Sampler):
    """It counts each thread of a moment."""

    name = "py-spy"
    ends_itself = False  # it would end after a number of samples, however late they are

    def __init__(self, program):
        self.program = program
        super().__init__(subprocess.check_output([program, "--version"], text=True).split()[-1])

    def get_command(self, pid, rate, seconds, native):
        words = [self.program, "record", "-t", "-i", "-f", "raw", "-r", int(rate or 100000), "-p", pid]
        return words + ["-o", self.output] + (["-n"] if native else [])

    def has_begun(self):
        return "Sampling process" in self.get_text()

    def read(self, seconds, cpu_share):
        samples, bad = self.find(r"Samples: (\d+)") / self.n_threads, self.find(r"Errors: (\d+)")
        return Run(samples, seconds, bad / max(1, samples + bad), cpu_share)


def install(cache):
    """The rivals that PyPI has, in a virtual environment of their own; what cannot be had is missing there."""
    if not (cache / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", str(cache)], check=True)
    for name, program in (("py-spy", "py-spy"), ("austin-dist", "austin")):
        if not (cache / "bin" / program).exists():
            subprocess.run([cache / "bin" / "pip", "install", "-q", "--disable-pip-version-check", name])


def find_rivals(cache, root, pythons):
    """Name → sampler, of those that are here; one line about each that is not."""
    found = {}
    try:
        install(cache)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"PyPI's rivals cannot be installed: {error}")
    for name, make in (
        ("Tachyon", lambda: Tachyon(pythons / "python3.15")),
        ("Austin", lambda: Austin(cache / "bin" / "austin", root)),
        ("py-spy", lambda: PySpy(cache / "bin" / "py-spy")),
    ):
        try:
            found[name] = make()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name} is missing: {error}")
    return found
