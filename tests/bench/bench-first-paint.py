# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it takes from starting the program with a .prof file to the first flame graph on the screen.

Usage: bench-first-paint.py SALAMANDER, on an X server without a window manager. The file is what cProfile
writes of "pip list", about 0.6 MB. The screen is looked at until blocks in many colours are there; the
greys of the window around them do not count.
"""
import ctypes
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 7
PATIENCE_S = 30
WIDTH, HEIGHT = 600, 300
ALL_PLANES = ctypes.c_ulong(-1)
Z_PIXMAP = 2


class Screen:
    """The root window of the X server (Xlib, "XGetImage")."""

    def __init__(self):
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self.x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self.x11.XGetImage.restype = ctypes.c_void_p
        self.x11.XGetImage.argtypes = [ctypes.c_void_p, ctypes.c_ulong] + [ctypes.c_uint] * 4 + [
            ctypes.c_ulong,
            ctypes.c_int,
        ]
        self.x11.XGetPixel.restype = ctypes.c_ulong
        self.x11.XGetPixel.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        self.x11.XDestroyImage.argtypes = [ctypes.c_void_p]
        self.display = self.x11.XOpenDisplay(None)
        if not self.display:
            sys.exit("bench-first-paint.py: there is no X server.")
        self.root = self.x11.XDefaultRootWindow(self.display)

    def count_colours(self):
        """Colours that are no greys, on a coarse grid."""
        image = self.x11.XGetImage(self.display, self.root, 0, 0, WIDTH, HEIGHT, ALL_PLANES, Z_PIXMAP)
        found = set()
        for y in range(100, HEIGHT, 10):
            for x in range(0, WIDTH, 20):
                pixel = self.x11.XGetPixel(image, x, y)
                channels = (pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255)
                if max(channels) - min(channels) > 24:
                    found.add(channels)
        self.x11.XDestroyImage(image)
        return len(found)


def time_first_paint(screen, program, prof, home):
    environment = dict(os.environ, HOME=home, XDG_DATA_HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home)
    environment["GSETTINGS_BACKEND"] = "memory"
    started = time.perf_counter()
    process = subprocess.Popen([program, prof], env=environment, stderr=subprocess.DEVNULL)
    try:
        while screen.count_colours() < 5:
            if process.poll() is not None or time.perf_counter() - started > PATIENCE_S:
                sys.exit("bench-first-paint.py: no flame graph came up.")
            time.sleep(0.002)
        return (time.perf_counter() - started) * 1000
    finally:
        process.terminate()
        process.wait()
        while screen.count_colours():
            time.sleep(0.01)


def main():
    screen = Screen()
    with tempfile.TemporaryDirectory() as home:
        prof = pathlib.Path(home) / "pip.prof"
        command = [sys.executable, "-m", "cProfile", "-o", prof, "-m", "pip", "list"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if not prof.exists():
            print(f"{sys.executable} has no pip to profile")
            sys.exit(77)
        times = [time_first_paint(screen, sys.argv[1], prof, home) for _ in range(ROUNDS)]
        print(
            f"{prof.stat().st_size / 1e6:.2f} MB: first paint {times[0]:.0f} ms the first time, then "
            f"median {statistics.median(times[1:]):.0f} ms, worst {max(times[1:]):.0f} ms"
        )


main()
