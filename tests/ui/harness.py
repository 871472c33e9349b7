# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real program: starts it in a world of its own, finds widgets through AT-SPI, presses keys with
xdotool, takes screenshots, and speaks TAP.

Nothing here sleeps and hopes: every wait has a condition and a deadline."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

PROGRAM = pathlib.Path(os.environ["SALAMANDER"])
SHOTS = pathlib.Path(os.environ["SALAMANDER_SHOTS"])
PATIENCE_S = 60

# Roles that a person acts on: each needs a name.
INTERACTIVE = {
    "button", "toggle button", "check box", "radio button", "combo box", "entry", "text", "slider",
    "spin button", "switch", "menu item", "check menu item", "radio menu item", "table", "tree table",
    "page tab", "search box", "table column header",
}  # fmt: skip


class Failure(Exception):
    """What a test says when a condition was not met."""


def wait(what, condition, patience_s=PATIENCE_S):
    """Polls until condition() is true and returns its value."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            value = condition()
        except gi.repository.GLib.Error:
            value = None  # a widget vanished while it was being looked at
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"waited {patience_s} s in vain for {what}")
        time.sleep(0.2)  # looking costs the program time, too


def children(node):
    """The children that are still there when they are asked for: widgets come and go while one looks."""
    try:
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is not None:
                yield child
    except gi.repository.GLib.Error:
        return


def walk(node):
    yield node
    for child in children(node):
        yield from walk(child)


def has_state(node, *states):
    held = node.get_state_set()
    return all(held.contains(state) for state in states)


def is_showing(node):
    """GTK 4.8 tells only of windows whether they show; other widgets have an area when they were drawn."""
    if not has_state(node, Atspi.StateType.VISIBLE):
        return False
    if has_state(node, Atspi.StateType.SHOWING):
        return True
    try:
        area = Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
    except gi.repository.GLib.Error:
        return False  # it has no place on the screen, or has just gone
    return area.width > 0 and area.height > 0


def text_of(node):
    """The text in an entry, a label or a text view."""
    length = Atspi.Text.get_character_count(node)
    return Atspi.Text.get_text(node, 0, length)


def role_of(node):
    """The name of its role; AT-SPI before 2.54 calls a button a push button."""
    name = node.get_role_name()
    return "button" if name == "push button" else name


def name_of(node):
    """The accessible name. GTK 4.8 names a button with a text twice, once with its mnemonic: "_Stop Stop"."""
    name = node.get_name() or ""
    half = len(name) // 2
    for cut in (half, half + 1):
        first, second = name[:cut].strip(), name[cut:].strip()
        if second and first.replace("_", "", 1) == second:
            return second
    return name


def matches(node, role, name, contains):
    """Whether a widget shows and is what is looked for; one that has just gone is not."""
    try:
        return (
            (not role or role_of(node) == role)
            and (name is None or name_of(node) == name)
            and (contains is None or contains in name_of(node))
            and is_showing(node)
        )
    except gi.repository.GLib.Error:
        return False


class World:
    """A home folder, a window manager, and the programs started in them."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="salamander-ui-"))
        self.started = []
        self.environment = dict(
            os.environ,
            HOME=str(self.home),
            XDG_CACHE_HOME=str(self.home / "cache"),
            XDG_CONFIG_HOME=str(self.home / "config"),
            XDG_DATA_HOME=str(self.home / "data"),
            XDG_RUNTIME_DIR=str(self.home / "run"),
            GTK_A11Y="atspi",
            GSETTINGS_BACKEND="memory",
            G_DEBUG="fatal-criticals",
            LC_ALL="C.UTF-8",
            # What GTK, Pango and fontconfig keep to the end is not ours to free.
            ASAN_OPTIONS="detect_leaks=0",
        )
        (self.home / "run").mkdir(mode=0o700)
        self.start_window_manager()

    def start_window_manager(self):
        """A window that comes up while it starts may never be drawn."""
        ready = self.home / "run" / "window-manager-is-ready"
        self.spawn(
            ["openbox", "--sm-disable", "--startup", f"touch {ready}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait("the window manager", ready.exists)

    def spawn(self, argv, **options):
        process = subprocess.Popen([str(word) for word in argv], env=self.environment, **options)
        self.started.append(process)
        return process

    def close(self):
        for process in reversed(self.started):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class App:
    """One run of salamander, seen through AT-SPI."""

    def __init__(self, world, *arguments, directory=None, **environment):
        self.world = world
        self.log = open(world.home / f"salamander-{len(world.started)}.log", "w+", encoding="utf-8")
        world.environment.update(environment)
        self.process = world.spawn(
            [PROGRAM, *arguments], cwd=directory, stdout=self.log, stderr=subprocess.STDOUT
        )
        self.root = wait("the program on the accessibility bus", self.find_self)
        wait("a window", self.windows)

    def find_self(self):
        if self.process.poll() is not None:
            raise Failure(f"salamander ended with {self.process.returncode}:\n{self.output()}")
        for child in children(Atspi.get_desktop(0)):
            if child.get_process_id() == self.process.pid:
                return child
        return None

    def output(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def windows(self):
        if self.process.poll() is not None:
            raise Failure(f"salamander ended with {self.process.returncode}:\n{self.output()}")
        return [child for child in children(self.root) if is_showing(child)]

    def find_all(self, role=None, name=None, within=None, contains=None):
        found = []
        for top in [within] if within else self.windows():
            found += [node for node in walk(top) if matches(node, role, name, contains)]
        return found

    def find(self, role=None, name=None, within=None, contains=None, patience_s=PATIENCE_S):
        what = f"{role or 'something'} “{name or contains or ''}”"
        try:
            return wait(what, lambda: self.find_all(role, name, within, contains), patience_s)[0]
        except Failure as failure:
            raise Failure(f"{failure}\n" + "\n".join(self.dump())) from None

    def dump(self):
        """What can be seen, without the boxes that hold it."""
        return [
            f"{role_of(node)} “{name_of(node)}”"
            for window in self.windows()
            for node in walk(window)
            if is_showing(node) and role_of(node) not in ("panel", "filler", "scroll bar", "table cell")
        ][:120]

    def title(self):
        window = focused()
        return xdotool("getwindowname", window).strip() if window else ""

    def await_title(self, title):
        """Waits until the window with that title takes the keys."""
        try:
            wait(f"the window “{title}”", lambda: self.title() == title)
        except Failure as failure:
            raise Failure(f"{failure}; “{self.title()}” is active\n" + "\n".join(self.dump())) from None

    def await_focus(self):
        """Waits until one of the program's windows takes the keys: the window manager gives it the focus some
        time after it has come up."""

        def is_ours():
            window = focused()
            return window and xdotool("getwindowpid", window).strip() == str(self.process.pid)

        wait("the focus", is_ours)

    def press(self, *keys):
        self.await_focus()
        for key in keys:
            xdotool("key", "--clearmodifiers", key)
            time.sleep(0.03)  # xdotool does not wait for the key to be handled

    def choose(self, *keys):
        """Chooses from a menu by its letters; the first key opens it, the ones between open submenus."""
        for opened, key in enumerate(keys):
            wait(f"{opened} open menus", lambda: len(self.find_all("menu")) == opened)
            self.press(key)
        wait("the menu to be gone", lambda: not self.find_all("menu"))

    def type(self, text):
        self.await_focus()
        xdotool("type", "--delay", "15", text)

    def quit(self):
        self.process.terminate()
        self.process.wait(15)


def samples(app, window=None):
    """The most samples that a label of @window, or of any window, tells."""
    found = [
        re.search(r"([\d,.\u202f\u00a0]+) samples?", name_of(node))
        for node in app.find_all("label", within=window, contains=" sample")
    ]
    return max((int(re.sub(r"\D", "", match.group(1))) for match in found if match), default=0)


def wait_growing(app):
    """Waits until a recording has samples, and then more of them."""
    first = wait("samples", lambda: samples(app))
    wait("more samples", lambda: samples(app) > first + 20)


def xdotool(*arguments):
    answer = subprocess.run(["xdotool", *arguments], capture_output=True, text=True, check=False)
    return answer.stdout


def focused():
    """The window that takes the keys, or None while that changes. The window manager gives the focus to the
    window and calls it active; GTK then passes the focus on to a small window inside. Keys are lost before."""
    inner, window = xdotool("getwindowfocus", "-f").strip(), xdotool("getwindowfocus").strip()
    return window if inner != window and xdotool("getactivewindow").strip() == window else None


def click(node):
    """Clicks on a large widget of the active window; GTK 4.18 tells places that are off by widgets' margins."""
    x, y = centre(node)
    xdotool("mousemove", str(x), str(y), "click", "1")


def centre(node):
    """Where a widget of the active window is on the screen; GTK 4 tells only where it is in the window."""
    area = Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
    shell = dict(
        line.split("=")
        for line in xdotool("getactivewindow", "getwindowgeometry", "--shell").split("\n")
        if "=" in line
    )
    return int(shell["X"]) + area.x + area.width // 2, int(shell["Y"]) + area.y + area.height // 2


def activate(node):
    """Acts on a widget, or on the one in it that can be acted on: GTK 4.18 tells a menu button as two."""
    Atspi.Action.do_action(next(inner for inner in walk(node) if Atspi.Action.get_n_actions(inner)), 0)


def resize(width, height):
    """The active window's size."""
    window = xdotool("getactivewindow").strip()
    xdotool("windowsize", "--sync", window, str(width), str(height))
    xdotool("windowmove", window, "0", "0")


def shoot(name, geometry="1920x1200+0+0"):
    """Takes a picture of the screen, or of a part of it, into the build folder."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    time.sleep(0.4)  # a frame or two: animations are not seen through AT-SPI
    subprocess.run(["import", "-window", "root", "-crop", geometry, "+repage", SHOTS / f"{name}.png"], check=True)


def run(*tests):
    """Runs functions that take a World; prints TAP."""
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        title = test.__name__.removeprefix("test_").replace("_", " ")
        world = World()
        try:
            test(world)
            print(f"ok {number} - {title}", flush=True)
        except Exception as failure:  # every kind of trouble is a failed test
            where = traceback.format_exc() if not isinstance(failure, Failure) else str(failure)
            for line in where.split("\n"):
                print(f"# {line}", flush=True)
            for log in sorted(world.home.glob("salamander-*.log")):
                for line in log.read_text(encoding="utf-8", errors="replace").split("\n")[-40:]:
                    print(f"# {log.name}: {line}", flush=True)
            print(f"not ok {number} - {title}", flush=True)
            shoot(f"failed-{pathlib.Path(sys.argv[0]).stem}-{number}")
        finally:
            world.close()


def write_prof(path):
    """A small .prof file made by this Python's own cProfile."""
    source = (
        "import cProfile, json, re\n"
        "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
        "def work(n): return sum(fib(i % 14) for i in range(n))\n"
        "def parse():\n"
        "    for i in range(40):\n"
        "        re.compile('a' * (i + 1) + '[bc]+(d|e)*%d' % i)\n"
        "        json.loads(json.dumps({'a': list(range(2000))}))\n"
        "def main(): work(400); parse()\n"
        f"cProfile.run('main()', {str(path)!r})\n"
    )
    subprocess.run([sys.executable, "-c", source], check=True)

