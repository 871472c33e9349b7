# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of salamander-cli share: running it, a terminal for it, and TAP."""

import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

CLI = sys.argv[1]
DEADLINE_S = 60
TEMPORARY = pathlib.Path(tempfile.mkdtemp(prefix="salamander-cli-"))
CACHE = TEMPORARY / "cache"
os.environ["XDG_CACHE_HOME"] = str(CACHE)
os.environ.pop("SALAMANDER_RECORDER", None)


class Skip(Exception):
    """A test that cannot run here, and why."""


def equal(got, wanted, what=""):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


def run(*arguments, env=None, **options):
    """Runs the program to its end; text in and out."""
    return subprocess.run(
        [CLI, *map(str, arguments)],
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        text=True,
        timeout=DEADLINE_S,
        **options,
    )


def start(*arguments, env=None, **options):
    return subprocess.Popen(
        [CLI, *map(str, arguments)],
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        text=True,
        **options,
    )


def fails(code, *arguments, env=None, says=""):
    """The program ends with @code, says one sentence with @says in it, and prints nothing else."""
    done = run(*arguments, env=env)
    equal(done.returncode, code, f"exit code ({done.stderr})")
    equal(done.stdout, "", "stdout")
    equal(done.stderr.count("\n"), 1, f"lines on stderr ({done.stderr})")
    assert done.stderr.startswith("salamander-cli: "), done.stderr
    assert re.search(r"\.( \(“.* --help” tells more\))?\n$", done.stderr), f"no sentence: {done.stderr}"
    contains(done.stderr, says)
    return done


def wait_for(condition, what):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


def end_left_program(stderr):
    """Ends the program that salamander-cli left running, and says so."""
    match = re.search(r"\(process (\d+)\) runs on", stderr)
    assert match, f"nothing was left running: {stderr}"
    os.kill(int(match[1]), signal.SIGKILL)


class Terminal:
    """The program in a terminal of its own, as from an interactive shell."""

    def __init__(self, *arguments, env=None, columns=80):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                import fcntl
                import struct
                import termios

                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
                os.execve(CLI, [CLI, *map(str, arguments)], os.environ | (env or {}))
            finally:
                os._exit(96)
        self.output = ""

    def read_until(self, part):
        """Reads until @part has come, or to the end when it is None."""
        end = time.monotonic() + DEADLINE_S
        while part is None or part not in self.output:
            assert time.monotonic() < end, f"{part!r} did not come; got {self.output!r}"
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:
                    data = b""
                if not data:
                    assert part is None, f"ended without {part!r}: {self.output!r}"
                    break
                self.output += data.decode("utf-8", "replace")
        return self.output

    def type(self, keys):
        os.write(self.fd, keys)

    def finish(self):
        """Reads to the end and returns the exit code."""
        self.read_until(None)
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def no_captures_left():
    equal(sorted(str(path) for path in CACHE.rglob("*.salamander")), [], "captures left behind")


def main(namespace):
    """Runs the functions called test_*, in their order."""
    tests = [(name, test) for name, test in namespace.items() if name.startswith("test_")]
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        sentence = name[len("test_") :].replace("_", " ")
        try:
            test()
            print(f"ok {number} - {sentence}")
        except Skip as reason:
            print(f"ok {number} - {sentence} # SKIP {reason}")
        except Exception:
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} - {sentence}")
        sys.stdout.flush()
    shutil.rmtree(TEMPORARY, ignore_errors=True)
