# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that every header compiles alone, as C, without a warning."""

import json
import pathlib
import shlex
import subprocess
import sys

import tap


def flags_by_room():
    """The compiler and include flags that each room's own sources are built with."""
    flags = {}
    for entry in json.loads((pathlib.Path(sys.argv[1]) / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(tap.ROOT):
            words = shlex.split(entry["command"])
            words = words[1:] if pathlib.Path(words[0]).name == "ccache" else words
            keep = [word for word in words[1:] if word.startswith(("-I", "-isystem", "-D", "-std", "-W", "-pthread"))]
            flags.setdefault(path.parent.relative_to(tap.ROOT), (words[0], keep, entry["directory"]))
    return flags


def alone(header, compiler, flags, directory):
    source = f'#include "{header.name}"\nint sal_header_is_alone;\n'
    command = [compiler, *flags, "-I", str(tap.ROOT / header.parent), "-Werror", "-fsyntax-only", "-x", "c", "-"]
    return subprocess.run(command, input=source, cwd=directory, capture_output=True, text=True)


def check():
    rooms = flags_by_room()
    fallback = next(iter(rooms.values()))
    for header in tap.files("app/**.h", "recorder/**.h"):
        answer = alone(header, *rooms.get(header.parent, fallback))
        if answer.returncode:
            yield f"{header} does not compile alone: {answer.stderr.splitlines()[0]}"


tap.run([("every header compiles alone", check)])
