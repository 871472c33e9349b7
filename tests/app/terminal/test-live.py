# SPDX-License-Identifier: GPL-3.0-or-later
"""salamander-cli with the real recorder, which it finds in its own build folder, and each Python
found here: arguments are the program and the folder of target programs."""

import glob
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree

import harness
from harness import (
    TEMPORARY,
    Skip,
    Terminal,
    contains,
    equal,
    fails,
    no_captures_left,
    run,
    start,
    wait_for,
)

TARGETS = pathlib.Path(sys.argv[2])
SUPPORTED = ("3.6.", "3.7.", "3.8.", "3.9.", "3.10.", "3.11.", "3.12.", "3.13.")


def find_pythons():
    """One interpreter of each supported version, by its version."""
    candidates = [f"{folder}/python3" for folder in os.environ["PATH"].split(":")]
    candidates += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python3")))
    found = {}
    for path in [*candidates, sys.executable]:
        if not os.access(path, os.X_OK):
            continue
        probe = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.executable)"
        done = subprocess.run([path, "-c", probe], capture_output=True, text=True)
        version, _, executable = done.stdout.strip().partition(" ")
        if version.startswith(SUPPORTED):
            found.setdefault(version, executable)
    for version, path in found.items():
        print(f"# Python {version}: {path}")
    return found


PYTHONS = find_pythons()


def any_python():
    if not PYTHONS:
        raise Skip("no Python 3.6 to 3.13 is installed")
    return next(iter(PYTHONS.values()))


def running_target():
    """A program that runs until it is killed; it has said so."""
    process = subprocess.Popen(
        [any_python(), "-uc", "print('ready')\ndef spin():\n    while True: pass\nspin()"],
        stdout=subprocess.PIPE,
        text=True,
    )
    equal(process.stdout.readline(), "ready\n")
    return process


def test_records_each_python():
    any_python()
    for version, python in PYTHONS.items():
        out = TEMPORARY / "each.salamander"
        done = run("record", "-o", out, python, TARGETS / "deep.py", "0.5", "10")
        equal(done.returncode, 0, done.stderr)
        contains(done.stderr, "Wrote")
        info = json.loads(run("info", "--json", out).stdout)
        equal((info["python"], info["rate_hz"], info["finished"]), (version, 1000, True))
        contains(info["command"], "deep.py")
        assert info["samples"] > 10, info
        rows = {row["function"]: row for row in json.loads(run("report", "--json", out).stdout)["functions"]}
        assert rows["work"]["self_samples"] > 10, (version, rows)
        equal(rows["descend"]["file"], str(TARGETS / "deep.py"))
        assert rows["descend"]["total_samples"] >= rows["work"]["total_samples"], rows
    no_captures_left()


def test_writes_each_format():
    python = any_python()
    for name in ("live.svg", "live.folded", "live.speedscope.json"):
        out = TEMPORARY / name
        equal(run("record", "-o", out, python, TARGETS / "deep.py", "0.3", "5").returncode, 0)
        contains(out.read_text(), "descend")
    xml.etree.ElementTree.parse(TEMPORARY / "live.svg")
    json.loads((TEMPORARY / "live.speedscope.json").read_text())
    for line in (TEMPORARY / "live.folded").read_text().splitlines():
        assert re.fullmatch(r".+ \d+", line), line


LIBRARIES = """
import json, re, sys, time, zlib
def hook(found):
    return sorted(found.items(), key=lambda pair: pair[0])
def work():
    json.loads('[' + ','.join(['{"a": [1, 2], "b": "c"}'] * 2000) + ']', object_hook=hook)
    re.findall('(a+)+x?', 'aaaa ' * 3000)
    zlib.compress(b'0123456789' * 20000)
end = time.time() + 2
while time.time() < end:
    work()
"""


def test_views_change_no_total():
    out = TEMPORARY / "views.salamander"
    done = run("record", "--native", "-b", "0", "-o", out, any_python(), "-c", LIBRARIES)
    equal(done.returncode, 0, done.stderr)

    def rows(*arguments):
        return json.loads(run("report", "--json", out, *arguments).stdout)["functions"]

    def total(rows):
        return sum(row["self_samples"] for row in rows)

    def python_totals(rows):
        return {
            (row["function"], row["file"], row["line"]): row["total_samples"]
            for row in rows
            if row["line"] and "library" not in row
        }

    whole = rows("--internals")
    python = python_totals(whole)
    assert len(python) < len(whole) and total(whole) > 50, whole
    for view in ("on", "off", "leaf"):
        shown = rows("--native", view)
        equal(python_totals(shown), python, view)
        equal(total(shown), total(whole), view)
        assert any("library" in row for row in shown) == (view != "off"), shown
    own = rows("--no-library-code")
    equal(total(own), total(whole))
    equal(python_totals(own), {key: total for key, total in python.items() if key in python_totals(own)})
    names = {row["function"] for row in own}
    assert "hook" in names and not names & {"loads", "raw_decode"}, own
    # Where no symbol names a function its address does.
    assert any(row.get("address") for row in whole), whole
    assert all(row["function"].endswith(f"+{row['address']:#x}") for row in whole if "+0x" in row["function"]), whole
    libraries = rows("--libraries")
    equal(total(libraries), total(whole))
    assert any(row["function"].startswith(("python", "libpython")) for row in libraries), libraries
    assert all(row["total_samples"] <= total(whole) for row in libraries), libraries


def test_hands_back_the_status():
    python = any_python()
    for argument, code in (("0", 0), ("7", 7), ("-15", 143), ("-9", 137)):
        done = run("record", "-o", TEMPORARY / "s.folded", python, TARGETS / "exit_status.py", argument)
        equal(done.returncode, code, done.stderr)


def test_flat_out():
    done = run("record", "-r", "max", "-o", TEMPORARY / "max.salamander", any_python(), TARGETS / "deep.py", "0.5", "5")
    equal(done.returncode, 0, done.stderr)
    info = json.loads(run("info", "--json", TEMPORARY / "max.salamander").stdout)
    equal(info["rate_hz"], 0)
    assert info["samples"] > 100, info


def test_records_child_processes():
    out = TEMPORARY / "family.salamander"
    done = run("record", "-s", "-b", "0", "-o", out, any_python(), TARGETS / "family.py", "fork")
    equal(done.returncode, 0, done.stderr)
    info = json.loads(run("info", "--json", out).stdout)
    parent, *children = info["processes"]
    equal((parent["parent"], parent["exit_status"], info["withheld"]), (None, 0, 0))
    equal([child["parent"] for child in children], [parent["pid"]] * 2)
    pids = {process["pid"] for process in info["processes"]}
    equal({thread["pid"] for thread in info["threads"]}, pids)
    threads = json.loads(run("report", "--threads", "--json", out).stdout)["threads"]
    workers = {t["pid"] for t in threads if any(f["function"] == "child_work" for f in t["functions"])}
    equal(workers, pids - {parent["pid"]})
    text = run("report", "--threads", out).stdout
    folded = TEMPORARY / "family.folded"
    equal(run("export", "--threads", out, "-o", folded).returncode, 0)
    for pid in pids:
        contains(text, f"Process: process {pid} (")
        contains(folded.read_text(), f"process {pid} (")


def test_attaches_and_leaves_it_running():
    process = running_target()
    try:
        done = run("record", "-p", process.pid, "-d", "0.5")
        equal((done.returncode, done.stderr), (0, ""))
        contains(done.stdout, "spin")
        equal(process.poll(), None)
    finally:
        process.kill()
        process.communicate()


def test_interrupt_of_an_attachment():
    process = running_target()
    out = TEMPORARY / "attached.folded"
    try:
        recording = start("record", "-p", process.pid, "-o", out)
        wait_for(lambda: any(path.stat().st_size > 200 for path in harness.CACHE.rglob("*.salamander")), "a capture")
        recording.send_signal(signal.SIGINT)
        _, stderr = recording.communicate(timeout=harness.DEADLINE_S)
        equal(recording.returncode, 0, stderr)
        contains(out.read_text(), "spin")
        equal(process.poll(), None)
    finally:
        process.kill()
        process.communicate()


def test_interrupt_in_a_terminal():
    out = TEMPORARY / "interrupted.folded"
    # Not before the program's own code runs: Python's start answers Ctrl+C with another status.
    code = "def descend():\n    print('begun', flush=True)\n    while True: pass\ndescend()"
    terminal = Terminal("record", "-o", out, any_python(), "-c", code)
    terminal.read_until("begun")
    for _ in range(2):
        terminal.output = ""
        terminal.read_until("samples")
    terminal.type(b"\x03")
    equal(terminal.finish(), 130)
    contains(terminal.output, "KeyboardInterrupt")
    contains(terminal.output, "Wrote")
    contains(out.read_text(), "descend")
    no_captures_left()


def test_duration_ends_the_recording_not_the_program():
    gate = TEMPORARY / "gate"
    code = f"import os, sys, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\nsys.exit(6)"
    recording = start("record", "-d", "0.2", "--", any_python(), "-c", code)
    contains(recording.stderr.readline(), "still runs")
    gate.write_text("")
    stdout, stderr = recording.communicate(timeout=harness.DEADLINE_S)
    equal(recording.returncode, 6, stderr)
    contains(stdout, "<module>")


def test_the_program_has_the_terminal():
    code = "import sys; print(sys.stdin.isatty(), sys.stdout.isatty(), input()); sys.exit(3)"
    terminal = Terminal("record", "-o", TEMPORARY / "tty.folded", any_python(), "-uc", "print('hello');" + code)
    terminal.read_until("hello")
    terminal.type(b"typed\n")
    terminal.read_until("True True typed")
    terminal.finish()


def test_the_program_survives_us():
    process_file = TEMPORARY / "pid"
    code = f"import os, time\nopen({str(process_file)!r}, 'w').write(str(os.getpid()) + '.')\ntime.sleep(600)"
    recording = start("record", any_python(), "-c", code, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: process_file.exists() and process_file.read_text().endswith("."), "the program")
    pid = int(process_file.read_text()[:-1])
    captures = list(harness.CACHE.rglob("*.salamander"))
    try:
        recording.kill()
        recording.wait()
        # The recorder ends the recording, which is whole and left where it was.
        wait_for(lambda: '"finished" : true' in run("info", "--json", captures[0]).stdout, "the capture's end")
        os.kill(pid, 0)
    finally:
        os.kill(pid, signal.SIGKILL)
        captures[0].unlink()


def list_processes(*command):
    """What ps lists, by number; @command runs it as somebody else."""
    done = subprocess.run([*command, "ps", "--json"], capture_output=True, text=True, timeout=harness.DEADLINE_S)
    equal((done.returncode, done.stderr), (0, ""))
    return {entry["pid"]: entry for entry in json.loads(done.stdout)}


def test_ps_lists_what_runs():
    process = running_target()
    try:
        entry = list_processes(harness.CLI)[process.pid]
        text = run("ps").stdout
    finally:
        process.kill()
        process.communicate()
    version = entry["python"]
    assert version in (None, *PYTHONS, *(found.rpartition(".")[0] for found in PYTHONS)), entry
    equal((entry["is_python"], entry["user"]), (True, pwd.getpwuid(os.getuid()).pw_name))
    contains(entry["command"], "spin")
    assert entry["route"] == "direct" or entry["access"].startswith("ptrace-scope"), entry
    contains(text, str(process.pid))
    contains(text.split("\n")[0], "Access")
    assert process.pid not in list_processes(harness.CLI)


def test_ps_says_why_not():
    if os.geteuid() != 0:
        raise Skip("only root can become somebody else")
    nobody = pwd.getpwnam("nobody")
    TEMPORARY.chmod(0o755)
    # A copy, since nobody may have no way into the folder of the build.
    cli = shutil.copy(harness.CLI, TEMPORARY / "ps-cli")
    process = running_target()
    try:
        entry = list_processes("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", cli)[
            process.pid
        ]
    finally:
        process.kill()
        process.communicate()
    equal((entry["route"], entry["access"], entry["user"]), ("none", "other-user", "root"))
    contains(entry["reason"], "belongs to the user “root”")


def test_a_launcher_leads_to_its_program():
    process = subprocess.Popen(
        ["sh", "-c", f"{any_python()} -uc 'print(1)\ndef spin():\n    while True: pass\nspin()'; true"],
        stdout=subprocess.PIPE,
        process_group=0,
    )
    try:
        equal(process.stdout.readline(), b"1\n")
        done = run("record", "-p", process.pid, "-d", "0.5")
        equal(done.returncode, 0, done.stderr)
        contains(done.stdout, "spin")
        contains(done.stderr, f"Process {process.pid} (sh) is not a Python program, but started one")
        children = [entry for entry in list_processes(harness.CLI).values() if entry["parent"] == process.pid]
        equal(len(children), 1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_failures_are_one_sentence():
    any_python()
    fails(1, "record", "-p", "4194304", says="no process 4194304")
    sleeper = subprocess.Popen(["sleep", "600"])
    try:
        fails(1, "record", "-p", sleeper.pid, says="no Python interpreter")
    finally:
        sleeper.kill()
        sleeper.wait()
    fails(127, "record", "no-such-command", says="“no-such-command”")
    fails(126, "record", "/etc/passwd", says="may not be executed")
    fails(125, "record", "true", says="no Python interpreter")
    fails(1, "record", "false", says="no Python interpreter")
    no_captures_left()


def test_no_permission_says_why():
    if os.geteuid() != 0:
        raise Skip("only root can become somebody else")
    nobody = pwd.getpwnam("nobody")
    owned = TEMPORARY / "nobody"
    owned.mkdir()
    os.chown(owned, nobody.pw_uid, nobody.pw_gid)
    TEMPORARY.chmod(0o755)
    # Copies, since nobody may have no way into the folder of the build.
    recorder = pathlib.Path(harness.CLI).resolve().parents[2] / "recorder/command/salamander-recorder"
    cli, recorder = (shutil.copy(program, TEMPORARY) for program in (harness.CLI, recorder))
    process = running_target()
    try:
        done = subprocess.run(
            [cli, "record", "-p", str(process.pid)],
            env=os.environ
            | {"XDG_CACHE_HOME": str(owned), "HOME": str(owned), "SALAMANDER_RECORDER": str(recorder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            timeout=harness.DEADLINE_S,
        )
    finally:
        process.kill()
        process.communicate()
    equal((done.returncode, done.stdout), (1, ""))
    contains(done.stderr, "belongs to the user “root”")
    equal(done.stderr.count("\n"), 1, done.stderr)


harness.main(globals())
