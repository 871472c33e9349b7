# SPDX-License-Identifier: GPL-3.0-or-later
"""The start page, the command line, one process for all windows, and names for assistive technologies."""

import os
import re
import subprocess

import harness
from harness import App, Failure, PROGRAM, run, wait, write_prof


def test_start_page_offers_to_record_and_to_open(world):
    app = App(world)
    app.find("button", "Record a Program…")
    app.find("button", "Open a File…")
    app.find("label", contains="dropped here")


def bare_environment(world):
    """Without a display, and without what GTK says when it is not its version's."""
    return {key: value for key, value in world.environment.items() if key not in ("DISPLAY", "GDK_DEBUG")}


def test_version_and_help_need_no_display(world):
    bare = bare_environment(world)
    version = subprocess.run([PROGRAM, "--version"], env=bare, capture_output=True, text=True)
    assert version.returncode == 0 and re.fullmatch(r"salamander \d+\.\d+\.\d+\n", version.stdout), version
    text = subprocess.run([PROGRAM, "record", "--help"], env=bare, capture_output=True, text=True)
    assert text.returncode == 0 and "--duration" in text.stdout, text


def test_without_a_display_there_is_one_sentence(world):
    bare = bare_environment(world)
    answer = subprocess.run([PROGRAM], env=bare, capture_output=True, text=True)
    lines = [line for line in answer.stderr.split("\n") if line]
    assert answer.returncode == 69 and answer.stdout == "", answer
    assert len(lines) == 1 and lines[0].startswith("salamander: ") and lines[0].endswith("."), answer


def test_wrong_arguments_are_told_where_they_were_typed(world):
    answer = subprocess.run(
        [PROGRAM, "record", "-r", "fast", "x"], env=world.environment, capture_output=True, text=True
    )
    assert answer.returncode == 64 and "“fast”" in answer.stderr, answer


def test_a_second_call_opens_its_files_in_the_first(world):
    folder = world.home / "elsewhere"
    folder.mkdir()
    write_prof(folder / "second.prof")
    app = App(world)
    app.find("button", "Record a Program…")
    # A relative name, from another folder than the first was started in.
    second = subprocess.run([PROGRAM, "second.prof"], cwd=folder, env=world.environment, timeout=30)
    assert second.returncode == 0, second
    app.find("page tab", "Flame Graph")
    app.await_title("second.prof")
    subprocess.run([PROGRAM, "second.prof"], cwd=folder, env=world.environment, timeout=30)
    wait("a window for the third call", lambda: len(app.windows()) == 2)


def test_the_bus_opens_files(world):
    prof = world.home / "bus.prof"
    write_prof(prof)
    app = App(world)
    app.find("button", "Record a Program…")
    subprocess.run(
        ["gdbus", "call", "--session", "--dest", "org.salamander_profiler.Salamander"]
        + ["--object-path", "/org/salamander_profiler/Salamander"]
        + ["--method", "org.freedesktop.Application.Open", str([prof.as_uri()]), "{}"],
        env=world.environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    app.await_title("bus.prof")


def nameless(app):
    """Interactive widgets whose name is missing, or only the name of their class."""
    bad = []
    for window in app.windows():
        for node in harness.walk(window):
            name = harness.name_of(node)
            if harness.role_of(node) not in harness.INTERACTIVE or not harness.is_showing(node):
                continue
            if not name or re.fullmatch(r"(Gtk|Adw|Sal)[A-Z]\w+", name):
                inner = [harness.name_of(child) for child in harness.children(node)]
                # Menu buttons and combo rows wrap the named widget that takes the focus.
                if not any(inner):
                    bad.append(f"{harness.role_of(node)} “{name}” in {window.get_name()}")
    return bad


def test_every_widget_has_a_name(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world, prof)
    app.find("page tab", "Flame Graph")
    bad = nameless(app)
    for menu in ("alt+f", "alt+v"):
        app.press(menu)
        app.find("menu")
        bad += nameless(app)
        app.press("Escape")
        wait("the menu to be gone", lambda: not app.find_all("menu"))
    app.press("alt+2")
    app.find("tree table", "Functions")
    bad += nameless(app)
    app.press("alt+Return")
    app.await_title("Details")
    app.find("label", "Total Time")
    bad += nameless(app)
    app.press("Escape")
    app.await_title("x.prof")
    app.press("ctrl+l")
    app.await_title("Record a Program")
    app.find("button", "Start")
    app.find("button", "Add Variable")
    harness.activate(app.find("button", "Add Variable"))
    app.find("text", "Name")
    bad += nameless(app)
    if bad:
        raise Failure("no name for:\n" + "\n".join(sorted(set(bad))))


def test_a_window_that_has_gone_may_be_asked_for(world):
    """Who counts the windows while one of them closes asks for one too many. GTK up to 4.18 answers with the
    last of all its windows (gtkatspiroot.c), and dies where that is one that was never shown or is hidden."""
    app = App(world)
    app.find("button", "Record a Program…")
    title = app.title()
    app.root.get_child_at_index(7)
    app.press("ctrl+question")
    app.await_title("Keyboard Shortcuts")
    app.find("label", "Launch a program")
    app.press("Escape")
    app.await_title(title)
    app.root.get_child_at_index(7)
    app.find("button", "Record a Program…")


run(
    test_start_page_offers_to_record_and_to_open,
    test_version_and_help_need_no_display,
    test_without_a_display_there_is_one_sentence,
    test_wrong_arguments_are_told_where_they_were_typed,
    test_a_second_call_opens_its_files_in_the_first,
    test_the_bus_opens_files,
    test_every_widget_has_a_name,
    test_a_window_that_has_gone_may_be_asked_for,
)
