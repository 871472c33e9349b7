# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a flame graph in SVG: it is XML, needs nothing from outside, and its blocks add up.

Usage: check-svg.py FILE. Prints each block: depth, x and width in percent, its tooltip.
"""
import sys
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
ROUNDING = 1e-5


def check_selfcontained(root, text):
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.endswith(("href", "src")) and not name.startswith("on"), (name, value)
            assert "url(" not in value or value == "url(#hatch)", value
    assert "@import" not in text and "url(h" not in text
    scripts = root.findall(f".//{SVG}script")
    assert len(scripts) == 1 and "innerHTML" not in scripts[0].text


def list_blocks(chart):
    top, row = int(chart.get("data-top")), int(chart.get("data-row"))
    for group in chart:
        rect = group.find(f"{SVG}rect")
        depth, rest = divmod(int(rect.get("y")) - top, row)
        assert rest == 0
        x, width = (float(rect.get(name).rstrip("%")) for name in ("x", "width"))
        yield depth, x, width, group.find(f"{SVG}title").text, group


def check_nesting(blocks):
    path = []
    for depth, x, width, title, _ in blocks:
        del path[depth:]
        assert len(path) == depth, title
        if path:
            parent_x, parent_width, reached = path[-1]
            assert x >= reached - ROUNDING, title
            assert x + width <= parent_x + parent_width + ROUNDING, title
            path[-1] = (parent_x, parent_width, x + width)
        path.append((x, width, x))


def check_labels(blocks):
    for _, _, width, title, group in blocks:
        text = group.find(f"{SVG}text")
        if text is not None:
            label = title.split("\n")[0]
            assert text.text == label or label.startswith(text.text.rstrip("…")), title
            assert len(text.text) * 7.2 <= width * 12, title


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    root = ElementTree.fromstring(text)
    check_selfcontained(root, text)
    chart = root.find(f".//{SVG}g[@class='chart']")
    blocks = list(list_blocks(chart))
    check_nesting(blocks)
    check_labels(blocks)
    for depth, x, width, title, _ in blocks:
        print(depth, f"{x:.2f}", f"{width:.2f}", ascii(title))


main()
