# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening files and exploring them by keyboard and mouse."""

import pathlib
import re

import harness
from harness import App, run, wait, write_prof

CAPTURES = pathlib.Path(__file__).parent.parent / "captures"


def choose_file(app, path):
    app.press("ctrl+o")
    app.await_title("Open")
    # The key shows an entry for a path; it does nothing while the list is being filled.
    entry = wait("the entry", lambda: app.find_all("text") or app.press("ctrl+l"))[0]
    app.type(str(path))
    # GTK 4.18 may leave what it had completed behind what was typed.
    wait("the path", lambda: harness.text_of(entry) == str(path) or app.press("shift+End", "Delete"))
    app.press("Return")


def test_open_dialog_opens_a_prof_file(world):
    prof = world.home / "opened.prof"
    write_prof(prof)
    app = App(world)
    app.find("button", "Record a Program…")
    choose_file(app, prof)
    app.find("page tab", "Flame Graph")
    app.await_title("opened.prof")
    app.find("label", contains="cProfile file")


def test_opened_files_are_recent(world):
    prof = world.home / "recent.prof"
    write_prof(prof)
    first = App(world, prof)
    first.find("page tab", "Flame Graph")
    recent = world.home / "data" / "recently-used.xbel"  # written some time after
    wait("the list", lambda: recent.exists() and "recent.prof" in recent.read_text(encoding="utf-8"))
    first.quit()
    app = App(world)
    harness.click(app.find("list item", "recent.prof"))
    app.await_title("recent.prof")


def test_search_tells_what_it_matches(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world, prof)
    app.find("page tab", "Flame Graph")
    app.press("ctrl+f")
    app.type("fib")
    app.find("label", contains="1 function, ")
    app.press("ctrl+a")
    app.type("nowhere")
    app.find("label", "No function matches")
    app.press("Escape")
    wait("an empty entry", lambda: harness.text_of(app.find("entry", "Search functions")) == "")


def first_rows(app, count=3):
    """The texts of the first rows' cells."""
    rows = []
    table = app.find("tree table", "Functions")
    for node in harness.walk(table):
        if harness.role_of(node) == "table row" and len(rows) <= count:
            cells = [child for child in harness.children(node) if harness.role_of(child) == "table cell"]
            if cells:
                rows.append([" ".join(harness.name_of(n) for n in harness.walk(c) if harness.role_of(n) == "label") for c in cells])
    return rows[:count]


def menu_items(app):
    return [harness.name_of(node) for node in app.find_all() if "menu item" in harness.role_of(node)]


def while_not_sorted_by(app, column):
    """Moves down in the open menu to the column and chooses it."""
    names = menu_items(app)
    wanted = next(i for i, name in enumerate(names) if column in name)
    focused = next(
        (i for i, node in enumerate(n for n in app.find_all() if "menu item" in harness.role_of(n))
         if harness.has_state(node, harness.Atspi.StateType.FOCUSED)), -1
    )
    app.press(*["Down"] * (wanted - focused), "Return")


def test_table_sorts_by_keyboard(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world, prof)
    app.find("page tab", "Flame Graph")
    app.press("alt+2")
    before = wait("rows", lambda: first_rows(app))
    own = [float(row[1]) for row in before]
    assert own == sorted(own, reverse=True), before
    app.press("Tab", "space")  # from the filter to the sort menu
    wait("the sort menu", lambda: any("cumtime" in item for item in menu_items(app)))
    while_not_sorted_by(app, "cumtime")
    rows = wait("other rows", lambda: first_rows(app) != before and first_rows(app))
    total = [float(row[3]) for row in rows]
    assert total == sorted(total, reverse=True), rows


def test_filter_as_you_type(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world, prof)
    app.find("page tab", "Flame Graph")
    app.press("alt+2", "ctrl+f")
    app.type("fib")
    wait("one row", lambda: len(first_rows(app)) == 1 and "fib" in first_rows(app)[0][-1])


def test_arrows_select_a_function(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world, prof)
    app.find("label", "No function is selected.")
    harness.click(app.find("image", "Flame graph"))
    app.press("Home", "Up", "Up", "Up", "Up", "Up", "Up", "Up", "Up", "Down")
    app.find("label", contains="total ")


def functions(app):
    """The number that the table tells."""
    for node in app.find_all("label", contains=" function"):
        found = re.fullmatch(r"(\d+) functions?", harness.name_of(node))
        if found:
            return int(found.group(1))
    return 0


def await_functions(app, count):
    wait(f"{count} functions", lambda: functions(app) == count)


def test_callers_and_callees(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world, prof)
    app.find("label", "Select a function to see who calls it.")
    harness.click(app.find("image", "Flame graph"))
    app.press("Home", *["Up"] * 8, "Down", "Down")
    app.find("label", "Callers of main")
    app.find("label", "Callees of main")
    # By keyboard to the one caller, and there.
    app.press("F6", "Down", "Return")
    app.find("label", "Callers of <module>")
    app.press("alt+Left")
    app.find("label", "Callers of main")
    app.press("alt+Right")
    app.find("label", "Callers of <module>")
    app.press("F7")
    wait("no callers", lambda: not app.find_all("label", contains="Callers of"))
    app.press("F7")
    app.find("label", "Callers of <module>")


def test_small_windows_begin_without_callers(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world)
    app.find("button", "Record a Program…")
    wait("an active window", app.title)
    harness.resize(800, 600)
    choose_file(app, prof)
    app.find("page tab", "Flame Graph")
    app.await_title("x.prof")
    assert not app.find_all("label", contains="Select a function")
    app.press("F7")
    app.find("label", contains="Select a function")
    # What somebody decides goes for the next window, too.
    choose_file(app, prof)
    wait("two windows", lambda: len(app.windows()) == 2)
    wait("callers in both", lambda: len(app.find_all("label", contains="to see who calls it")) == 2)


def test_native_frames_by_key(world):
    app = App(world, CAPTURES / "native.salamander")
    app.find("image", "Flame graph")
    for count in (2, 5, 6):  # off, leaf, on
        app.press("x", "alt+2")
        await_functions(app, count)
        app.press("alt+1")
    app.press("ctrl+f")
    app.type("x")
    wait("an x in the entry", lambda: harness.text_of(app.find("entry", "Search functions")) == "x")
    app.press("alt+2")
    await_functions(app, 6)


def is_sensitive(app, item):
    found = [node for node in app.find_all() if "menu item" in harness.role_of(node) and item in harness.name_of(node)]
    return harness.has_state(found[0], harness.Atspi.StateType.SENSITIVE)


def test_what_a_file_does_not_have_is_greyed(world):
    app = App(world, CAPTURES / "tasks.salamander")
    app.find("page tab", "Flame Graph")
    app.press("alt+v")
    wait("the menu", lambda: any("By Task" in item for item in menu_items(app)))
    assert is_sensitive(app, "By Task") and is_sensitive(app, "Library Code")
    app.press("v")
    wait("the submenu", lambda: any("Leaf Only" in item for item in menu_items(app)))
    assert not is_sensitive(app, "Leaf Only") and not is_sensitive(app, "Interpreter Internals")
    app.press("Escape", "Escape")
    app.quit()
    app = App(world, CAPTURES / "native.salamander")
    app.find("page tab", "Flame Graph")
    app.press("alt+v")
    wait("the menu", lambda: any("By Task" in item for item in menu_items(app)))
    assert not is_sensitive(app, "By Task")


def test_frames_are_left_out_from_the_menu(world):
    app = App(world, CAPTURES / "native.salamander")
    app.find("page tab", "Flame Graph")
    app.press("alt+2")
    await_functions(app, 6)
    app.choose("alt+v", "v", "f")
    await_functions(app, 2)
    app.choose("alt+v", "v", "o")
    await_functions(app, 6)
    app.choose("alt+v", "l")
    await_functions(app, 3)
    harness.activate(app.find("check box", "Library code"))
    await_functions(app, 6)


def test_details_tell_the_library(world):
    app = App(world, CAPTURES / "native.salamander")
    app.find("label", "No function is selected.")
    harness.click(app.find("image", "Flame graph"))
    app.press("Home", "Up", "Up", "Up", "Up", "Down", "Down")
    app.find("label", contains="inner_call  ·  Native libraries  ·  self ")
    app.find("label", contains="/usr/lib/ü/inner.so")
    app.press("Up", "Up")
    app.find("label", contains="main  ·  Program  ·  self ")


def test_table_by_library(world):
    app = App(world, CAPTURES / "native.salamander")
    app.find("page tab", "Flame Graph")
    app.press("alt+2")
    await_functions(app, 6)
    app.press("alt+b")
    app.find("label", "5 libraries")
    rows = wait("libraries", lambda: [row[0] for row in first_rows(app, 5)])
    assert any("inner.so" in name for name in rows) and any("Program" in name for name in rows), rows
    app.choose("alt+v", "a")
    await_functions(app, 6)


def test_the_legend_tells_kinds(world):
    app = App(world, CAPTURES / "native.salamander")
    app.find("label", contains="Colours: Program; Native libraries; Not a function;")
    app.choose("alt+v", "r", "f")
    wait("no legend", lambda: not app.find_all("label", contains="Native libraries"))
    app.choose("alt+v", "r", "k")
    app.find("label", contains="Native libraries;")


def test_stacks_can_be_seen_by_task(world):
    app = App(world, CAPTURES / "tasks.salamander")
    app.find("page tab", "Flame Graph")
    app.press("alt+2")
    wait("the functions", lambda: functions(app) == 3)
    harness.activate(app.find("check box", contains="By task"))
    wait("and the tasks", lambda: functions(app) == 5)
    app.press("ctrl+f")
    app.type("page-1")
    wait("the task", lambda: len(first_rows(app)) == 1 and "page-1 (fetch)" in first_rows(app)[0][0])


def test_no_switch_without_tasks(world):
    app = App(world, CAPTURES / "native.salamander")
    app.find("combo box", contains="Native frames")
    assert not app.find_all("check box", contains="By task")


def labels(app):
    return [harness.name_of(node) for node in app.find_all("label")]


def open_details(app, text):
    """Opens the details of what is shown; the label that they are to have."""
    app.find("page tab", "Flame Graph")
    harness.activate(app.find("button", "Details"))
    app.await_title("Details")
    return app.find("label", text)


def test_details_tell_where_the_time_went(world):
    app = App(world, CAPTURES / "waits.salamander")
    open_details(app, "Disk: read (file)")
    shown = labels(app)
    assert "Where the Time Went" in shown, shown
    assert "mostly /srv/ü/data.csv" in shown, shown
    assert shown.index("Disk: read (file)") < shown.index("Sleeping: receive (socket)"), shown
    assert any("(25.0 %)" in text or "(25 %)" in text for text in shown), shown
    app.press("Escape")
    app.await_title("waits.salamander")
    harness.click(app.find("image", "Flame graph"))
    app.press("Home", "Up")
    app.find("label", contains="total ")
    open_details(app, "Where the Time of “main” Went")
    app.press("Escape")
    app.await_title("waits.salamander")
    harness.activate(app.find("check box", contains="On processor only"))
    open_details(app, "On CPU")
    assert not any(text.startswith(("Disk", "Sleeping")) for text in labels(app)), labels(app)


def test_details_of_an_older_recording_do_not_guess(world):
    app = App(world, CAPTURES / "busy.salamander")
    open_details(app, "Off CPU")
    shown = labels(app)
    assert "This recording does not tell what threads waited for." in shown, shown
    assert not any(text.startswith("Sleeping") for text in shown), shown


def test_details_of_a_prof_file_have_no_states(world):
    prof = world.home / "x.prof"
    write_prof(prof)
    app = App(world, prof)
    open_details(app, "Callers and Callees")
    assert "Where the Time Went" not in labels(app), labels(app)


def test_a_corrupt_file_gives_a_sentence_and_the_window_goes_on(world):
    bad = world.home / "bad.prof"
    good = world.home / "good.prof"
    write_prof(good)
    bad.write_bytes(good.read_bytes()[:300])
    app = App(world, bad)
    message = wait(
        "the sentence",
        lambda: [node for node in app.find_all("label") if "damaged at byte 300" in harness.name_of(node)],
    )[0]
    assert re.fullmatch("“bad.prof”: .*\\.", harness.name_of(message)), harness.name_of(message)
    choose_file(app, good)
    app.await_title("good.prof")


def test_a_missing_file_gives_a_sentence(world):
    app = App(world, world.home / "missing.prof")
    app.find("label", "Cannot read “missing.prof”: No such file or directory.")


run(
    test_open_dialog_opens_a_prof_file,
    test_opened_files_are_recent,
    test_search_tells_what_it_matches,
    test_table_sorts_by_keyboard,
    test_filter_as_you_type,
    test_arrows_select_a_function,
    test_callers_and_callees,
    test_small_windows_begin_without_callers,
    test_native_frames_by_key,
    test_what_a_file_does_not_have_is_greyed,
    test_frames_are_left_out_from_the_menu,
    test_details_tell_the_library,
    test_table_by_library,
    test_the_legend_tells_kinds,
    test_stacks_can_be_seen_by_task,
    test_no_switch_without_tasks,
    test_details_tell_where_the_time_went,
    test_details_of_an_older_recording_do_not_guess,
    test_details_of_a_prof_file_have_no_states,
    test_a_corrupt_file_gives_a_sentence_and_the_window_goes_on,
    test_a_missing_file_gives_a_sentence,
)
