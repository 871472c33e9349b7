# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording: the launch dialog, a page that grows, stopping, saving, and what happens on closing."""

import sys

import harness
from harness import App, name_of, run, samples, wait, wait_growing

BUSY = """
import sys, time
def churn(n):
    return sum(i * i for i in range(n))
def main():
    print("working", flush=True)
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        churn(10000)
    print("finished", flush=True)
main()
sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
"""


def write_busy(world):
    path = world.home / "busy.py"
    path.write_text(BUSY, encoding="utf-8")
    return path


def stop(app):
    app.press("ctrl+period")
    wait("the end", lambda: app.title().endswith("(not saved)"))


def test_launch_dialog_starts_a_program(world):
    script = write_busy(world)
    app = App(world)
    app.find("button", "Record a Program…")
    app.press("ctrl+l")
    app.await_title("Record a Program")
    app.find("button", "Start")
    app.press("Return")  # once: a button that a key activates acts a quarter of a second later
    app.find("label", "Choose the script to run.")
    app.type(str(script))
    app.press("Tab", "Tab")  # over the button that chooses a file, to the arguments
    app.type("60 '0'")
    app.press("Return")
    app.find("button", "Stop")
    app.await_title("busy.py")
    wait_growing(app)
    wait("the output", lambda: "working" in output(app))
    stop(app)
    assert samples(app) > 20, app.dump()


def output(app):
    return harness.text_of(app.find("text", "Program Output"))


def record(world, *arguments):
    script = write_busy(world)
    return App(world, "record", "--", sys.executable, script, *arguments)


def test_command_line_records_and_saves(world):
    app = record(world, "60")
    wait_growing(app)
    stop(app)
    app.press("ctrl+s")
    app.await_title("Save the Recording")
    saved = world.home / "out.salamander"
    app.press("ctrl+a")
    app.type(str(world.home / "out"))
    app.press("Return")
    wait("the file", saved.exists)
    app.await_title("out.salamander")
    kept = wait("the samples", lambda: samples(app))
    app.press("ctrl+w")
    wait("the window to close", lambda: not app.windows())
    app.quit()  # the program runs on, and we for its output
    again = App(world, saved)
    again.find("page tab", "Flame Graph")
    wait("the same samples", lambda: samples(again) == kept)


def test_export_by_ending(world):
    app = record(world, "60")
    wait_growing(app)
    stop(app)
    for name, mark in (("x.folded", "churn"), ("x.speedscope.json", '"churn'), ("x.svg", "<svg")):
        app.press("ctrl+e")
        app.await_title("Export")
        app.press("ctrl+a")
        app.type(str(world.home / name))
        app.press("Return")
        path = world.home / name
        wait(name, lambda: path.exists() and mark in path.read_text(encoding="utf-8"))
        app.await_title("busy.py (not saved)")


def test_exit_status_is_told(world):
    app = record(world, "1", "3")
    app.find("label", "The program ended with exit status 3.")
    wait("the last words", lambda: "finished" in output(app))


def test_record_again_opens_a_second_window(world):
    app = record(world, "1", "0")
    wait("the end", lambda: app.title().endswith("(not saved)"))
    app.press("ctrl+r")
    wait("a second window", lambda: len(app.windows()) == 2)
    wait("the end of that", lambda: all(name_of(top).endswith("(not saved)") for top in app.windows()))
    assert all(samples(app, top) > 20 for top in app.windows()), app.dump()


def test_what_is_no_python_gives_a_sentence(world):
    app = App(world, "record", "--", "sleep", "1")
    message = app.find("label", contains="Python")
    assert name_of(message).endswith("."), name_of(message)
    app.await_title("sleep")


def test_a_missing_program_gives_a_sentence(world):
    app = App(world, "record", "--", "/nonexistent/python3", "x.py")
    message = app.find("label", contains="/nonexistent/python3")
    wait("the end of the recording", lambda: not app.find_all("button", "Stop"))
    assert message


def test_closing_while_recording_asks_twice(world):
    app = record(world, "60")
    wait_growing(app)
    app.press("ctrl+w")
    app.await_title("Stop Recording?")
    app.press("Escape")
    app.await_title("busy.py")
    app.press("ctrl+w")
    app.await_title("Stop Recording?")
    harness.activate(app.find("check box", "Let the program run on"))
    harness.activate(app.find("button", "Stop Recording"))
    app.await_title("Save the Recording?")
    harness.activate(app.find("button", "Discard"))
    wait("the end", lambda: app.process.poll() is not None)
    assert app.process.returncode == 0, app.process.returncode


def test_quit_without_a_recording_just_quits(world):
    app = App(world)
    app.find("button", "Record a Program…")
    app.press("ctrl+q")
    wait("the end", lambda: app.process.poll() is not None)
    assert app.process.returncode == 0, app.process.returncode


run(
    test_launch_dialog_starts_a_program,
    test_command_line_records_and_saves,
    test_export_by_ending,
    test_exit_status_is_told,
    test_record_again_opens_a_second_window,
    test_what_is_no_python_gives_a_sentence,
    test_a_missing_program_gives_a_sentence,
    test_closing_while_recording_asks_twice,
    test_quit_without_a_recording_just_quits,
)
