# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of every page, in light and dark, large and small, to be looked at. A page that does not come up
fails; so does a window that does not shrink to 800 × 600."""

import pathlib
import sys

import harness
from harness import App, run, wait, write_prof

BUSY = """
import threading, time
def churn(n):
    return sum(i * i for i in range(n))
def worker():
    while True:
        churn(5000)
        time.sleep(0.01)
def main():
    for i in range(2):
        threading.Thread(target=worker, daemon=True).start()
    for line in range(100000):
        print(f"line {line}: {churn(20000)}", flush=True)
main()
"""

CAPTURES = pathlib.Path(__file__).parent.parent / "captures"
SIZES = ((1280, 800), (800, 600))


def sized(app, width, height):
    """Gives the window that size, which it must be able to take."""
    wait("an active window", app.title)
    harness.resize(width, height)

    def shape():
        lines = harness.xdotool("getactivewindow", "getwindowgeometry", "--shell").split("\n")
        shell = dict(line.split("=") for line in lines if "=" in line)
        return abs(int(shell["WIDTH"]) - width) <= 2 and abs(int(shell["HEIGHT"]) - height) <= 2

    wait(f"a window of {width} × {height}", shape)


def shoot_sizes(app, name):
    for width, height in SIZES:
        sized(app, width, height)
        harness.shoot(f"{name}-{width}", f"{width + 20}x{height + 40}+0+0")


def shoot_all(world, scheme):
    world.environment["ADW_DEBUG_COLOR_SCHEME"] = f"prefer-{scheme}"
    prof = world.home / "example.prof"
    busy = world.home / "busy.py"
    busy.write_text(BUSY, encoding="utf-8")
    write_prof(prof)

    app = App(world, prof)
    app.find("page tab", "Flame Graph")
    app.press("ctrl+f")
    app.type("parse")
    app.find("label", contains="of the time")
    shoot_sizes(app, f"prof-flame-{scheme}")
    app.press("Escape", "alt+2")
    app.find("tree table", "Functions")
    shoot_sizes(app, f"prof-table-{scheme}")
    app.quit()

    app = App(world, CAPTURES / "native.salamander")
    app.find("label", contains="Colours: ")
    shoot_sizes(app, f"native-flame-{scheme}")
    app.press("alt+2", "alt+b")
    app.find("label", contains=" libraries")
    shoot_sizes(app, f"native-libraries-{scheme}")
    app.quit()

    app = App(world)
    app.find("button", "Record a Program…")
    shoot_sizes(app, f"start-{scheme}")
    app.press("ctrl+l")
    app.await_title("Record a Program")
    app.find("button", "Start")
    harness.shoot(f"launch-{scheme}", "820x640+0+0")
    app.quit()

    app = App(world, "record", "--", sys.executable, busy)
    wait("samples", lambda: app.find_all("label", contains="3 threads"))
    app.find("label", contains="MainThread")
    shoot_sizes(app, f"live-{scheme}")
    app.press("ctrl+period")
    wait("the end", lambda: app.title().endswith("(not saved)"))
    shoot_sizes(app, f"recorded-{scheme}")
    app.press("alt+Return")
    app.await_title("Details")
    app.find("label", "Rate Reached")
    harness.shoot(f"details-{scheme}", "820x640+0+0")


def test_light(world):
    shoot_all(world, "light")


def test_dark(world):
    shoot_all(world, "dark")


run(test_light, test_dark)
