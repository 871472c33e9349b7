# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the Mandelbrot set as text, in plain Python and in no hurry: something to look at in a profiler.

Usage: mandelbrot.py [WIDTH [ITERATIONS]]
"""

import sys

SHADES = " .:-=+*#%@"


def escape(real, imaginary, iterations):
    """How many steps the point takes to leave the circle of radius 2."""
    x = y = 0.0
    for step in range(iterations):
        xx = x * x
        yy = y * y
        if xx + yy > 4.0:
            return step
        y = 2.0 * x * y + imaginary
        x = xx - yy + real
    return iterations


def average(real, imaginary, size, iterations):
    """The mean of the points of one character's area."""
    total = 0
    for row in range(3):
        for column in range(3):
            total += escape(real + column * size / 3, imaginary + row * size / 1.5, iterations)
    return total / 9


def shade(value, iterations):
    return SHADES[int(value / iterations * (len(SHADES) - 1))]


def draw_row(imaginary, width, iterations):
    size = 3.0 / width
    return "".join(
        shade(average(column * size - 2.2, imaginary, size, iterations), iterations)
        for column in range(width)
    )


def draw(width, iterations):
    height = width * 2 // 5
    for row in range(height):
        yield draw_row((row / height - 0.5) * 2.4, width, iterations)


def main():
    width = int(sys.argv[1]) if len(sys.argv) > 1 else 76
    iterations = int(sys.argv[2]) if len(sys.argv) > 2 else 8000
    for line in draw(width, iterations):
        print(line, flush=True)


if __name__ == "__main__":
    main()
