# SPDX-License-Identifier: GPL-3.0-or-later
"""salamander-cli record against a recorder that does as it is told: arguments are the program,
make-recording and fake-recorder."""

import json
import os
import re
import signal
import subprocess
import sys

import harness
from harness import TEMPORARY, Terminal, contains, end_left_program, equal, fails, no_captures_left, run, start

RECORDING = TEMPORARY / "work.salamander"
RECORDING.write_bytes(subprocess.run([sys.argv[2]], capture_output=True, check=True).stdout)
os.environ["SALAMANDER_RECORDER"] = sys.argv[3]
COPY = f"copy:{RECORDING}"
GOOD = f"started,status:13,{COPY},finished"


def script(words):
    return {"FAKE_RECORDER": words}


def test_prints_the_report():
    done = run("record", "python3", "x.py", env=script(f"{GOOD},exited:0"))
    equal((done.returncode, done.stderr), (0, ""))
    contains(done.stdout, "busy (/src/work.py:10)")
    no_captures_left()


def test_writes_each_format():
    for name, start_of_text in (
        ("a.folded", "main"),
        ("a.speedscope.json", "{"),
        ("a.svg", "<"),
    ):
        out = TEMPORARY / name
        done = run("record", "-o", out, "--", "x", env=script(f"{GOOD},exited:0"))
        equal((done.returncode, done.stdout), (0, ""), done.stderr)
        contains(done.stderr, f"Wrote “{out}”: 13 samples")
        assert out.read_text().lstrip().startswith(start_of_text) or name == "a.folded"
    out = TEMPORARY / "a.salamander"
    run("record", "-o", out, "x", env=script(f"{GOOD},exited:0"))
    equal(out.read_bytes(), RECORDING.read_bytes())
    out = TEMPORARY / "b.txt"
    run("record", "-o", out, "-f", "folded", "x", env=script(f"{GOOD},exited:0"))
    contains(out.read_text(), "busy")
    no_captures_left()


def arguments_of(*arguments):
    out = run("record", *arguments, env=script(f"arguments,out:,{GOOD},exited:0")).stdout
    return out.split("\n")[0]


def test_options_reach_the_recorder():
    contains(arguments_of("x"), "[--rate][1000]")
    contains(arguments_of("-r", "99.5", "x"), "[--rate][99.5]")
    contains(arguments_of("--rate", "max", "x"), "[--rate][max]")
    contains(arguments_of("-d", "2.5", "x"), "[--duration][2.5]")
    contains(arguments_of("-p", "4711"), "[--pid][4711]")
    contains(arguments_of("--native", "--debuginfod", "x"), "[--native][--debuginfod]")
    contains(arguments_of("--blocking", "x"), "[--blocking]")


def test_options_after_the_command_are_its_own():
    for arguments, wanted in (
        (["py", "-o", "x", "--rate", "9"], "[--][py][-o][x][--rate][9]"),
        (["--", "py", "-r", "--help"], "[--][py][-r][--help]"),
        (["-r", "5", "py", "--", "--version"], "[--][py][--][--version]"),
        (["--", "py", "--", "-x"], "[--][py][--][-x]"),
        (["--", "-py"], "[--][-py]"),
        (["-r", "5", "-d", "1", "--", "py", "-d"], "[--][py][-d]"),
        (["-r", "5", "--", "py", "--", "-x"], "[--][py][--][-x]"),
        (["py", ""], "[--][py][]"),
    ):
        line = arguments_of(*arguments)
        assert line.endswith(wanted), f"{arguments}: {line}"


def test_hands_back_the_status():
    for status, code in ((0, 0), (3 << 8, 3), (255 << 8, 255), (signal.SIGTERM, 143), (139, 139)):
        done = run("record", "x", env=script(f"{GOOD},exited:{int(status)}"))
        equal(done.returncode, code, status)


def test_wrong_usage():
    fails(2, "record", says="command")
    fails(2, "record", "-p", "1", "x", says="not both")
    fails(2, "record", "-p", "one", says="“one”")
    fails(2, "record", "-p", "0", says="“0”")
    fails(2, "record", "-p", "99999999999", says="99999999999")
    fails(2, "record", "--rate", "fast", "x", says="“fast”")
    fails(2, "record", "--rate", "nan", "x", says="“nan”")
    fails(2, "record", "--rate", "0", "x", says="“0”")
    fails(2, "record", "--rate", "-5", "x", says="“-5”")
    fails(2, "record", "-d", "0", "x", says="“0”")
    fails(2, "record", "-d", "1e99", "x", says="“1e99”")
    fails(2, "record", "--format", "svg", "x", says="-o")
    fails(2, "record", "-o", TEMPORARY / "x.txt", "x", says="x.txt")
    fails(2, "record", "-o", TEMPORARY / "x.svg", "-f", "gif", "x", says="“gif”")
    fails(2, "record", "--frobnicate", "x", says="--frobnicate")


def test_unwritable_output_is_told_before_anything_runs():
    marker = script(f"out:started,{GOOD},exited:0")
    for out in (TEMPORARY / "no" / "x.svg", "/dev/null/x.svg", "/proc/x.svg"):
        fails(125, "record", "-o", out, "x", env=marker, says="Cannot write")
        fails(1, "record", "-o", out, "-p", "1", env=marker, says="Cannot write")
    fails(125, "record", "-o", "/dev/null", "-f", "svg", "x", env=marker, says="ordinary")


def test_old_file_survives_failure():
    old = TEMPORARY / "old.svg"
    old.write_text("old")
    fails(125, "record", "-o", old, "x", env=script("fault:5:0:,finished,exited:0"), says="Python")
    equal(old.read_text(), "old")
    no_captures_left()


def test_faults_of_an_attachment():
    for fault, says in (
        ("3:3:", "no process 4711"),
        ("4:1:", "Cannot look into process 4711"),
        ("5:0:", "not a Python program"),
        ("6:0:3.9.2", "Python 3.9.2"),
        ("7:0:", "build for debugging"),
        ("8:28:", "disk is full"),
        ("10:0:thing", "(thing)"),
    ):
        fails(1, "record", "-p", "4711", env=script(f"fault:{fault},finished"), says=says)


def test_faults_of_a_command():
    fails(127, "record", "nowhere", env=script("fault:2:2:,finished"), says="“nowhere”")
    fails(126, "record", "/etc/passwd", env=script("fault:2:13:,finished"), says="“/etc/passwd”")
    fails(125, "record", "true", env=script("fault:5:0:,finished,exited:0"), says="“true”")
    fails(3, "record", "false", env=script("fault:9:0:,finished,exited:768"), says="“false”")
    fails(125, "record", "x", env=script("exit:5"), says="exit status 5")
    fails(125, "record", "x", env={"SALAMANDER_RECORDER": "/nowhere"}, says="/nowhere")


def test_crash_keeps_what_was_recorded():
    out = TEMPORARY / "crash.folded"
    done = run("record", "-o", out, "x", env=script(f"started,status:13,{COPY},crash"))
    equal(done.returncode, 125)
    contains(done.stderr, "recorder")
    contains(out.read_text(), "busy")
    no_captures_left()


def test_no_progress_without_a_terminal():
    done = run("record", "x", env=script(f"started,status:5,status:6,{COPY},finished,exited:0"))
    equal(done.stderr, "")


def test_progress_on_a_terminal():
    words = f"deaf,started,status:1234,wait,{COPY},finished,exited:0"
    terminal = Terminal("record", "x", env=script(words))
    terminal.read_until("samples  7 missed")
    assert re.search(r"Recording 0:01  1.?234 samples", terminal.output), terminal.output
    terminal.type(b"\x03")
    equal(terminal.finish(), 0)
    after = terminal.output.rsplit("\r\x1b[K", 1)[1]
    assert "Recording" not in after, f"not cleaned: {after!r}"
    contains(after, "busy")


def test_progress_while_names_are_looked_up():
    words = f"deaf,started,status:1234,left:4321,wait,{COPY},finished,exited:0"
    terminal = Terminal("record", "x", env=script(words))
    terminal.read_until("records left")
    assert re.search(r"Looking up names  4.?321 records left", terminal.output), terminal.output
    terminal.type(b"\x03")
    equal(terminal.finish(), 0)


def test_progress_fits_the_terminal():
    terminal = Terminal("record", "x", env=script(f"started,status:1234,{COPY},finished,exited:0"), columns=20)
    terminal.finish()
    lines = [part.split("\r")[0] for part in terminal.output.split("\r\x1b[K")[1:-1]]
    assert lines and all(0 < len(line) < 20 for line in lines), lines


def test_interrupt_writes_the_output():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        out = TEMPORARY / "interrupted.folded"
        out.unlink(missing_ok=True)
        process = start("record", "-o", out, "x", env=script(f"started,out:go,wait,{COPY},finished,hold"))
        equal(process.stdout.readline(), "go\n")
        # timeout(1) sends its signal twice: to its child and to the group.
        process.send_signal(number)
        process.send_signal(number)
        equal(process.wait(harness.DEADLINE_S), 0)
        contains(out.read_text(), "busy")
        # The program holds our ends of its output until it ends.
        said = ""
        while "runs on" not in said:
            said += process.stderr.readline()
        end_left_program(said)
        equal(process.communicate(), ("stop\n", ""))
        no_captures_left()


def test_interrupt_of_an_attachment():
    process = start("record", "-p", "4711", env=script(f"started,out:go,wait,{COPY},finished"))
    equal(process.stdout.readline(), "go\n")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=harness.DEADLINE_S)
    equal((process.returncode, stderr), (0, ""))
    contains(stdout, "busy")


def test_interrupt_still_hands_back_the_status():
    process = start("record", "x", env=script(f"started,out:go,wait,{COPY},finished,exited:{int(signal.SIGINT)}"))
    equal(process.stdout.readline(), "go\n")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=harness.DEADLINE_S)
    equal(process.returncode, 130)


def test_waits_for_a_program_that_runs_on():
    # The recording is over, the program is not: it ends when somebody says so.
    process = start("record", "-d", "1", "x", env=script(f"{GOOD},gate:{TEMPORARY}/gate,exited:1024"))
    line = process.stderr.readline()
    contains(line, "still runs")
    contains(process.stdout.readline(), "python3 work.py")
    (TEMPORARY / "gate").write_text("")
    process.communicate(timeout=harness.DEADLINE_S)
    equal(process.returncode, 4)


def test_second_interrupt_leaves_the_program():
    terminal = Terminal("record", "x", env=script(f"deaf,started,out:go,wait,{COPY},finished,hold"))
    terminal.read_until("go")
    terminal.type(b"\x03")
    terminal.read_until("waiting for it")
    contains(terminal.output, "busy")
    terminal.type(b"\x03")
    equal(terminal.finish(), 0)
    contains(terminal.output, "runs on")
    no_captures_left()


def test_lost_recorder_is_told():
    done = run("record", "x", env=script(f"{GOOD}"))
    equal(done.returncode, 125)
    contains(done.stderr, "Nobody knows")


def test_reader_that_goes_away():
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = run("record", "x", env=script(f"{GOOD},exited:768"), stdout=write_end)
    os.close(write_end)
    equal((done.returncode, done.stderr), (3, ""))
    no_captures_left()


def test_the_program_gets_the_world_as_it_is():
    done = run("record", "x", env=script(f"signals,directory,{GOOD},exited:0"))
    lines = done.stdout.split("\n")
    equal(lines[0], "SIGPIPE default")
    equal(lines[1], os.getcwd())


def test_report_is_json_readable_afterwards():
    out = TEMPORARY / "again.salamander"
    run("record", "-o", out, "x", env=script(f"{GOOD},exited:0"))
    info = json.loads(run("info", "--json", out).stdout)
    equal(info["samples"], 13)


harness.main(globals())
