# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what the rooms promise each other: who may include whom, no paths in includes, no cycles.

The build holds most of it, since each room exports only its own folder; this check also sees what an
#ifdef hides and what a relative path would sneak in."""

import collections
import pathlib
import re

import tap

# Room → rooms that it may include besides itself.
RECORDER = {
    "recorder/capture": set(),
    "recorder/wire": set(),
    "recorder/helper": {"recorder/wire"},
    "recorder/target": {"recorder/wire"},
    "recorder/python": {"recorder/target"},
    "recorder/native": {"recorder/target"},
    "recorder/sampler": {
        "recorder/capture",
        "recorder/target",
        "recorder/python",
        "recorder/native",
    },
    "recorder/command": {
        "recorder/capture",
        "recorder/wire",
        "recorder/target",
        "recorder/python",
        "recorder/native",
        "recorder/sampler",
    },
}
APP = {
    "app/profile": {"recorder/capture"},
    "app/layout": {"app/profile"},
    "app/formats": {"app/profile", "app/layout"},
    "app/session": {"recorder/wire"},
    "app/terminal": {"app/profile", "app/layout", "app/formats", "app/session"},
    "app/view": {"app/profile", "app/layout"},
    "app/window": {"app/profile", "app/layout", "app/formats", "app/session", "app/view"},
}
ROOMS = RECORDER | APP
QUOTED = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
SYSTEM = re.compile(r"^\s*#\s*include\s+<([^>]+)>", re.M)
GTK = re.compile(r"^(gtk|gdk|gsk|adwaita)\b")
GLIB = re.compile(r"^(glib|gio|gobject)\b")


def sources():
    return [path for path in tap.files("app/**", "recorder/**") if path.suffix in (".c", ".h")]


def room(path):
    return "/".join(path.parts[:2])


def text(path):
    return (tap.ROOT / path).read_text(encoding="utf-8")


def owners():
    return {path.name: path for path in sources() if path.suffix == ".h"}


def no_paths():
    for path in sources() + [p for p in tap.files("tests/**") if p.suffix in (".c", ".h")]:
        for name in QUOTED.findall(text(path)):
            if "/" in name:
                yield f'{path}: #include "{name}" has a path in it'


def names_once():
    seen = {}
    for path in sources():
        if path.suffix == ".h":
            if path.name in seen:
                yield f"{path} and {seen[path.name]} have the same name"
            seen[path.name] = path


def known_rooms():
    for path in sources():
        if len(path.parts) > 2 and room(path) not in ROOMS:
            yield f"{path}: {room(path)} is not a room that tests/checks/rooms.py knows"


def edges():
    owner = owners()
    for path in sources():
        if len(path.parts) < 3 or room(path) not in ROOMS:
            continue
        for name in QUOTED.findall(text(path)):
            other = room(owner[name]) if name in owner else None
            if other and other != room(path) and other not in ROOMS[room(path)]:
                yield f"{path} includes {name} of {other}, which {room(path)} may not use"


def libraries():
    for path in sources():
        for name in SYSTEM.findall(text(path)):
            if GTK.match(name) and not path.parts[1] in ("view", "window", "main.c"):
                yield f"{path} includes <{name}>: only app/view and app/window may use GTK"
            if GLIB.match(name) and path.parts[0] == "recorder" and path.parts[1] != "helper":
                yield f"{path} includes <{name}>: recorder/ is free of GLib but in its helper"


def unit_of(path):
    return path.stem.removesuffix("-private")


def cycles():
    """A unit is foo.c with foo.h and foo-private.h; within all rooms the units must form no cycle."""
    owner = owners()
    graph = collections.defaultdict(set)
    for path in sources():
        for name in QUOTED.findall(text(path)):
            if name in owner and unit_of(owner[name]) != unit_of(path):
                graph[unit_of(path)].add(unit_of(owner[name]))
    state = {}

    def visit(unit, trail):
        state[unit] = "open"
        for other in sorted(graph[unit]):
            if state.get(other) == "open":
                yield " → ".join([*trail[trail.index(other) :], other] if other in trail else [unit, other])
            elif other not in state:
                yield from visit(other, [*trail, other])
        state[unit] = "done"

    for unit in sorted(graph):
        if unit not in state:
            yield from visit(unit, [unit])


tap.run(
    [
        ("no quoted include has a path", no_paths),
        ("no two headers have the same name", names_once),
        ("every room is known", known_rooms),
        ("rooms include only the rooms they may", edges),
        ("only view and window use GTK, and the recorder no GLib but in its helper", libraries),
        ("units form no cycle", cycles),
    ]
)
