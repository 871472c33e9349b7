# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the files of the tree: what lies at the top, licence lines, widths, documentation, POTFILES."""

import collections
import gettext
import io
import re
import subprocess
import xml.etree.ElementTree

import tap

TOP = {"app", "recorder", "data", "po", "tests", "meson.build", "README.md", "COPYING"}
TEXT = (".c", ".h", ".py", ".sh", ".build", ".md", ".ui", ".xml", ".in", ".css", ".js")
MARKED = re.compile(r'\b(?:_|N_|C_|Q_|ngettext|g_dngettext|g_dpgettext2?)\s*\(\s*"')
DECLARATION = re.compile(r"^(?!typedef|static|extern|struct|enum|G_|#|\s|/\*|\*)[\w \*]+?\*?(sal_\w+) \(", re.M)
HARD_LIMIT = 600


def read(path):
    return (tap.ROOT / path).read_text(encoding="utf-8")


def top_level():
    for name in sorted({path.parts[0] for path in tap.files(".")}):
        if name not in TOP and not name.startswith("."):
            yield f"{name} does not belong at the top"


def licence():
    for path in tap.files("*.c", "*.h", "*.py", "*.sh", "*meson.build", "*.ui", "*.css", "*/run"):
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in "\n".join(read(path).split("\n")[:4]):
            yield f"{path} has no SPDX line at its top"


def columns():
    for path in tap.files("*.c", "*.h"):
        for number, line in enumerate(read(path).split("\n"), 1):
            if len(line) > 100:
                yield f"{path}:{number}: {len(line)} columns"


def sizes():
    for path in tap.files("app/**.c", "recorder/**.c", "app/**.h", "recorder/**.h"):
        lines = read(path).count("\n")
        if lines > HARD_LIMIT:
            yield f"{path}: {lines} lines; a file has one sentence of responsibility"


def promises():
    for path in tap.files("app", "recorder", "data", "po", "tests"):
        if path.suffix in TEXT and path.name != "tree.py":
            for number, line in enumerate(read(path).split("\n"), 1):
                if re.search(r"\b(TODO|FIXME|XXX)\b|#if 0", line):
                    yield f"{path}:{number}: {line.strip()}"


def documented():
    """A function in a header is documented when a comment stands somewhere above it since the last
    blank line: getters may share one."""
    for path in tap.files("app/**.h", "recorder/**.h"):
        for block in re.split(r"\n\s*\n", read(path)):
            for name in DECLARATION.findall(block):
                before = block[: block.index(name + " (")]
                if not name.endswith("_get_type") and "*/" not in before:
                    yield f"{path}: {name} has no comment"


def potfiles():
    listed = [line for line in read("po/POTFILES.in").split("\n") if line and not line.startswith("#")]
    if listed != sorted(listed):
        yield "po/POTFILES.in is not sorted"
    owed = {str(path) for path in tap.files("app/**.c") if MARKED.search(read(path))}
    owed |= {str(path) for path in tap.files("app/**.ui") if 'translatable="yes"' in read(path)}
    owed |= {
        str(path)
        for path in tap.files("data/**")
        if path.name.endswith((".desktop.in", ".metainfo.xml.in", ".gschema.xml", ".policy.in"))
    }
    for name in sorted(owed - set(listed)):
        yield f"po/POTFILES.in does not list {name}"
    for name in sorted(set(listed) - owed):
        yield f"po/POTFILES.in lists {name}, which has nothing to translate"


def languages():
    """Pairs of a language and what translates into it."""
    yield "en", str
    for path in tap.files("po/*.po"):
        catalogue = subprocess.run(["msgfmt", "-o", "-", tap.ROOT / path], capture_output=True, check=True)
        yield path.stem, gettext.GNUTranslations(io.BytesIO(catalogue.stdout)).gettext


def menu_labels(menu):
    for node in menu:
        if node.tag == "section":
            yield from menu_labels(node)
        elif node.tag in ("item", "submenu"):
            yield node.find("attribute[@name='label']").text


def letters():
    """A letter that two items of a menu share chooses neither."""
    root = xml.etree.ElementTree.fromstring(read("app/window/menus.ui").split("\n", 1)[1])
    for language, translate in languages():
        for menu in (node for node in root.iter() if node.tag in ("menu", "submenu")):
            found = collections.defaultdict(list)
            for label in map(translate, menu_labels(menu)):
                found[(re.findall(r"_(\w)", label) or ["none"])[0].lower()].append(label)
            for letter, labels in found.items():
                if letter == "none" or len(labels) > 1:
                    yield f"app/window/menus.ui, {language}: letter {letter} of {', '.join(labels)}"


def shell():
    for path in tap.files("*.sh", "*/run"):
        answer = subprocess.run(["sh", "-n", tap.ROOT / path], capture_output=True, text=True)
        if answer.returncode:
            yield answer.stderr.strip()


tap.run(
    [
        ("the top level holds what it should", top_level),
        ("every source file names its licence", licence),
        ("no line of C is over 100 columns", columns),
        ("no source file is over the hard limit", sizes),
        ("nothing is promised instead of done", promises),
        ("every public function is documented", documented),
        ("po/POTFILES.in is complete and sorted", potfiles),
        ("the items of a menu have letters of their own", letters),
        ("every shell script parses", shell),
    ]
)
