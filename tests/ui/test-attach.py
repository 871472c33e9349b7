# SPDX-License-Identifier: GPL-3.0-or-later
"""Attaching: the list of processes, its filter, several at once, launchers, refusals, and what becomes of the
program that was attached to."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import harness
from harness import App, run, samples, wait, wait_growing

SPIN = """
import sys, time
def churn(n):
    return sum(i * i for i in range(n))
def main():
    while True:
        churn(10000)
        time.sleep(0.001)
main()
"""


def spawn_target(world, name, *before):
    """A program with a name of its own, which is what the tests filter by: the list shows the whole computer."""
    script = world.home / name
    script.write_text(SPIN, encoding="utf-8")
    return world.spawn([*before, sys.executable, script])


def open_dialog(app):
    app.find("button", "Attach to a Process…")
    app.press("ctrl+shift+l")
    app.await_title("Attach to a Process")


def hint(app, *parts):
    """Waits until the line below the list says this."""
    return wait(
        f"a sentence with {parts}",
        lambda: [
            node
            for node in app.find_all("label", contains=parts[0])
            if all(part in harness.name_of(node) for part in parts)
        ],
    )[0]


def rows(app, name):
    """The rows whose program is called so."""
    return app.find_all("label", name)


def tracer(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"TracerPid:\s*(\d+)", text).group(1))


def test_keyboard_alone_from_open_to_recording(world):
    target = spawn_target(world, "prey-keyboard.py")
    app = App(world)
    open_dialog(app)
    app.type("prey-keyboard")
    hint(app, "prey-keyboard.py", f"process {target.pid}", "can be recorded")
    app.press("Return")
    wait("the recording", lambda: app.title() == "prey-keyboard.py")
    wait_growing(app)
    assert not app.find_all("text", "Program Output"), "what an attached program prints is not ours"
    app.press("ctrl+period")
    wait("the end", lambda: app.title() == "prey-keyboard.py (not saved)")
    assert samples(app) > 20, app.dump()
    # The program runs on as if nothing had been.
    assert target.poll() is None and tracer(target) == 0
    left = [name for name in os.listdir(world.home) if "prey" in name]
    assert left == ["prey-keyboard.py"], left


def test_the_list_lives_without_losing_the_selection(world):
    first = spawn_target(world, "prey-lives.py")
    app = App(world)
    open_dialog(app)
    app.type("prey-lives")
    hint(app, f"process {first.pid}")
    second = spawn_target(world, "prey-lives.py")
    wait("a second row", lambda: len(rows(app, "prey-lives.py")) == 2)
    hint(app, f"process {first.pid}", "can be recorded")
    second.kill()
    second.wait()
    wait("one row again", lambda: len(rows(app, "prey-lives.py")) == 1)
    hint(app, f"process {first.pid}", "can be recorded")
    first.kill()
    first.wait()
    app.find("label", "No Process Matches")
    app.press("Escape")
    app.press("Escape")
    wait("the dialog to go", lambda: app.title() == "Salamander")


def test_several_at_once(world):
    for name in ("prey-pair-a.py", "prey-pair-b.py"):
        spawn_target(world, name)
    app = App(world)
    open_dialog(app)
    app.type("prey-pair")
    wait("both", lambda: rows(app, "prey-pair-a.py") and rows(app, "prey-pair-b.py"))
    hint(app, "prey-pair", "can be recorded")
    app.press("alt+t")  # as a tree, what started them stands above them
    app.press("Tab")
    app.press("ctrl+a")
    hint(app, "2 processes will be recorded")
    app.press("Return")
    wait("two windows", lambda: len(app.windows()) == 2)
    titles = {harness.name_of(window) for window in app.windows()}
    assert titles == {"prey-pair-a.py", "prey-pair-b.py"}, titles


def test_a_launcher_leads_to_its_program(world):
    script = world.home / "prey-child.py"
    script.write_text(SPIN, encoding="utf-8")
    shell = world.spawn(["sh", "-c", f"{sys.executable} {script}; true", "prey-launcher"])
    app = App(world)
    open_dialog(app)
    app.type("prey-launcher")
    wait("the child, found by its launcher's name", lambda: rows(app, "prey-child.py"))
    hint(app, "prey-child.py", "can be recorded")
    app.press("Down", "Up")  # to the row above the child
    hint(app, f"process {shell.pid}", "what it started is recorded")
    app.press("Return")
    wait("the recording", lambda: app.title() == "prey-child.py")
    wait_growing(app)
    # The shell ends with us, but not what it started.
    for pid in subprocess.run(["pgrep", "-P", str(shell.pid)], capture_output=True, text=True).stdout.split():
        os.kill(int(pid), signal.SIGKILL)


def test_what_cannot_be_recorded_says_why(world):
    # Any program will do: by its name it is a Python that nobody supports.
    old = world.home / "python2.5"
    shutil.copy("/bin/sleep", old)
    process = world.spawn([old, "60001"])
    app = App(world)
    open_dialog(app)
    app.type("60001")
    hint(app, f"process {process.pid}", "Python 2.5", "not supported")
    app.find("label", "Unsupported")
    app.press("Return")
    hint(app, "Python 2.5", "not supported")
    assert app.title() == "Attach to a Process", app.title()


def test_the_end_of_the_program_keeps_the_recording(world):
    target = spawn_target(world, "prey-ends.py")
    app = App(world)
    open_dialog(app)
    app.type("prey-ends")
    hint(app, "prey-ends.py", "can be recorded")
    app.press("Return")
    wait("the recording", lambda: app.title() == "prey-ends.py")
    wait_growing(app)
    target.kill()
    target.wait()
    app.find("label", f"Process {target.pid} has ended; the recording has all of it until then.")
    wait("the title", lambda: app.title() == "prey-ends.py (not saved)")
    assert samples(app) > 20, app.dump()


def test_closing_does_not_offer_to_end_the_process(world):
    target = spawn_target(world, "prey-close.py")
    app = App(world)
    open_dialog(app)
    app.type("prey-close")
    hint(app, "prey-close.py", "can be recorded")
    app.press("Return")
    wait("the recording", lambda: app.title() == "prey-close.py")
    wait_growing(app)
    app.press("ctrl+w")
    app.await_title("Stop Recording?")
    app.find("label", contains="It runs on")
    assert not app.find_all("check box", contains="run on")
    app.press("Return")
    app.await_title("Save the Recording?")
    harness.activate(app.find("button", "Discard"))
    wait("the end", lambda: app.process.poll() is not None)
    assert target.poll() is None and tracer(target) == 0


def test_every_widget_has_a_name_and_the_rates_are_there(world):
    spawn_target(world, "prey-names.py")
    app = App(world)
    open_dialog(app)
    app.type("prey-names")
    hint(app, "prey-names.py", "can be recorded")
    app.find("tree table", "Processes")
    harness.activate(app.find("button", contains="until it ends"))
    harness.activate(app.find("check box", "Until the Program Ends"))
    app.find("button", contains="for 10 s")
    app.find("spin button", "Stop after Seconds")
    bad = []
    for window in app.windows():
        for node in harness.walk(window):
            if harness.role_of(node) in harness.INTERACTIVE and harness.is_showing(node):
                name = harness.name_of(node)
                if (not name or re.fullmatch(r"(Gtk|Adw|Sal)[A-Z]\w+", name)) and not any(
                    harness.name_of(child) for child in harness.children(node)
                ):
                    bad.append(f"{harness.role_of(node)} “{name}”")
    assert not bad, bad


run(
    test_keyboard_alone_from_open_to_recording,
    test_the_list_lives_without_losing_the_selection,
    test_several_at_once,
    test_a_launcher_leads_to_its_program,
    test_what_cannot_be_recorded_says_why,
    test_the_end_of_the_program_keeps_the_recording,
    test_closing_does_not_offer_to_end_the_process,
    test_every_widget_has_a_name_and_the_rates_are_there,
)
