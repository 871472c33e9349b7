# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that put salamander-helper into the system: the unit, the policies, the interface."""

import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

BUILD = pathlib.Path(sys.argv[1])
SOURCE = pathlib.Path(sys.argv[2])
DATA = SOURCE / "data"
UNIT = BUILD / "data/salamander-helper.service"
# Tenths: what systemd-analyze calls OK begins at 5.0.
MOST_EXPOSED = 20
ACTION = "org.salamander_profiler.recorder."
NAME = "org.salamander_profiler.Recorder1"


class Skip(Exception):
    """A test that cannot run here, and why."""


def analyze(*arguments):
    if shutil.which("systemd-analyze") is None:
        raise Skip("needs systemd-analyze")
    return subprocess.run(["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, timeout=60)


@contextlib.contextmanager
def runnable_unit():
    """The unit with a program that exists here, which systemd-analyze wants; which one does not matter."""
    with tempfile.TemporaryDirectory() as folder:
        unit = pathlib.Path(folder) / UNIT.name
        unit.write_text(re.sub("ExecStart=.*", "ExecStart=/bin/true", UNIT.read_text()))
        yield str(unit)


def verified():
    """systemd-analyze has nothing to say against the unit"""
    with runnable_unit() as unit:
        done = analyze("verify", "--man=no", unit)
    # It looks at what the unit depends on, too; what is wrong there is not ours.
    said = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert not said, said
    assert done.returncode == 0, done.stderr


def exposure():
    """systemd-analyze finds little that the unit leaves open"""
    with runnable_unit() as unit:
        done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit)
    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout[-400:]


def filters():
    """the unit allows every system call that the helper allows itself"""
    sets = {}
    members = None
    for line in analyze("syscall-filter").stdout.splitlines():
        word = line.strip()
        if line.startswith("@"):
            members = sets.setdefault(word, [])
        elif word and not word.startswith("#") and members is not None:
            members.append(word)

    def expand(word):
        if not word.startswith("@"):
            return {word}
        return set().union(*(expand(member) for member in sets[word]))

    allowed = expand("@default")
    for words in re.findall("^SystemCallFilter=(.*)$", UNIT.read_text(), re.M):
        for word in words.removeprefix("~").split():
            allowed = allowed - expand(word) if words.startswith("~") else allowed | expand(word)
    source = (SOURCE / "recorder/helper/sal-helper-sandbox.c").read_text()
    lists = re.findall(r"_calls\[\] =\s*((?:\"[^\"]*\"\s*)+);", source)
    assert len(lists) == 3, lists
    wanted = {name for text in lists for name in re.findall(r"\w+", text)}
    wanted |= set(re.findall(r"SCMP_SYS \((\w+)\)", source)) | {"capset", "seccomp", "close_range"}
    assert len(wanted) > 50, wanted
    assert wanted <= allowed, wanted - allowed


def policy():
    """both actions are there, ask for a password, and say in every language whose process it is"""
    root = xml.etree.ElementTree.parse(BUILD / "data" / (ACTION + "policy")).getroot()
    actions = {action.get("id"): action for action in root.iter("action")}
    assert set(actions) == {ACTION + "attach-own", ACTION + "attach-any"}, actions
    wanted = {
        "attach-own": {"allow_any": "auth_admin", "allow_inactive": "auth_admin", "allow_active": "auth_self_keep"},
        "attach-any": {"allow_any": "auth_admin", "allow_inactive": "auth_admin", "allow_active": "auth_admin"},
    }
    for name, defaults in wanted.items():
        action = actions[ACTION + name]
        assert {child.tag: child.text for child in action.find("defaults")} == defaults, name
        for message in action.iter("message"):
            for key in ("$(pid)", "$(command)", "$(user)"):
                assert key in message.text, message.text


def names():
    """the files speak of one bus name, one unit and one program"""
    service = (BUILD / "data" / f"{NAME}.service").read_text()
    unit = UNIT.read_text()
    program = re.search("^Exec=(.*)$", service, re.M).group(1)
    assert f"Name={NAME}\n" in service and f"BusName={NAME}\n" in unit
    assert f"SystemdService={UNIT.name}\n" in service
    assert f"ExecStart={program}\n" in unit and program.endswith("/salamander-helper")
    bus = (DATA / f"{NAME}.conf").read_text()
    assert f'<allow own="{NAME}"/>' in bus
    interface = xml.etree.ElementTree.parse(DATA / f"{NAME}.xml").getroot().find("interface")
    assert interface.get("name") == NAME
    assert f'"{NAME}"' in (SOURCE / "recorder/wire/sal-helper-wire.h").read_text()


def hardening():
    """the program is position independent, with nothing writable that is resolved, and no library it does not need"""
    program = str(BUILD / "recorder/helper/salamander-helper")
    if shutil.which("readelf") is None:
        raise Skip("needs readelf")
    text = subprocess.run(["readelf", "-hdlW", program], capture_output=True, text=True, check=True).stdout
    assert "(Position-Independent Executable file)" in text or "DYN (" in text
    assert "GNU_RELRO" in text and re.search("FLAGS_1.*NOW", text), "RELRO"
    assert re.search("GNU_STACK .* RW ", text), "a stack that can be run"
    libraries = set(re.findall(r"\(NEEDED\).*\[(\w[\w+-]*)\.", text))
    allowed = {"libc", "libcap-ng", "libseccomp", "libpolkit-gobject-1", "libgio-2", "libgobject-2", "libglib-2"}
    assert libraries <= allowed, libraries - allowed


def main():
    tests = [verified, exposure, filters, policy, names, hardening]
    failed = False
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        name = f"{number} - {test.__doc__}"
        try:
            test()
            print(f"ok {name}")
        except Skip as reason:
            print(f"ok {name} # SKIP {reason}")
        except AssertionError as error:
            failed = True
            print(f"# {error}\nnot ok {name}")
    sys.exit(failed)


main()
