# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what meson's JUnit logs and its own say: prints each skip with its reason, each failure with what was
said before it, and ends with one line, "N passed, N failed". Exit status 0 when everything passed and something
ran."""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


LINES_OF_A_FAILURE = 15


def words(output):
    """What a program that speaks TAP said of each of its tests, by its number: why it was skipped, or the lines
    before it failed; and the program's last lines."""
    said, before = {}, []
    for line in output.splitlines():
        result = re.match(r"(not )?ok (\d+)", line)
        before.append(line)
        if result:
            skip = re.search(r"# SKIP\s+(.+)", line)
            said[result[2]] = [skip[1]] if skip else before[-LINES_OF_A_FAILURE:]
            before = []
    return said, before[-LINES_OF_A_FAILURE:]


def tell_failure(name, lines):
    print(f"failed: {name}")
    for line in lines:
        print(f"  {line}")


def has_failed(case):
    return case.find("failure") is not None or case.find("error") is not None


def count(path):
    """What is said of one build's tests: how many passed and how many failed."""
    passed = failed = 0
    log = pathlib.Path(path).with_name("testlog.json").read_text(encoding="utf-8", errors="replace")
    results = {test["name"]: test for test in map(json.loads, log.splitlines())}
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    # meson writes what a test printed as it is; XML 1.0 has no such characters.
    text = re.sub("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]", "?", text)
    for suite in ElementTree.fromstring(text.encode()).iter("testsuite"):
        test = results.get(suite.get("name").partition(".")[2], {})
        said, last = words(test.get("stdout", ""))
        cases = list(suite.iter("testcase"))
        for case in cases:
            name = f"{suite.get('name')}: {case.get('name')}"
            lines = said.get(case.get("name").split()[0], [])
            if case.find("skipped") is not None:
                # A program that skips all that it has is a case itself, with what it said.
                whole = re.search(r"# SKIP\s+(.+)", case.findtext("system-out", ""))
                reason = whole[1] if whole else " ".join(lines)
                print(f"skipped: {name}: {reason or 'no reason is given'}")
            elif has_failed(case):
                failed += 1
                tell_failure(name, lines)
            else:
                passed += 1
        # A program that dies between its tests, or before the first, fails as a whole: the JUnit log has
        # no word for that. Programs that do not speak TAP share one suite, and are cases of it.
        if test.get("result", "OK") not in ("OK", "SKIP") and not any(map(has_failed, cases)):
            failed += 1
            tell_failure(f"{suite.get('name')} as a whole", last)
    return passed, failed


def main(paths):
    passed, failed = map(sum, zip(*map(count, paths)))
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
