# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what meson's JUnit logs and its own say: prints each skip with its reason, each failure by name, and
ends with one line, "N passed, N failed". Exit status 0 when everything passed and something ran."""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


def count(path):
    """What is said of one build's tests: how many passed and how many failed."""
    passed = failed = 0
    log = pathlib.Path(path).with_name("testlog.json").read_text(encoding="utf-8", errors="replace")
    results = {test["name"]: test["result"] for test in map(json.loads, log.splitlines())}
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    # meson writes what a test printed as it is; XML 1.0 has no such characters.
    text = re.sub("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]", "?", text)
    for suite in ElementTree.fromstring(text.encode()).iter("testsuite"):
        cases = list(suite.iter("testcase"))
        for case in cases:
            name = f"{suite.get('name')}: {case.get('name')}"
            skip = case.find("skipped")
            if skip is not None:
                print(f"skipped: {name}: {skip.get('message') or skip.text or 'see the log'}")
            elif case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {name}")
            else:
                passed += 1
        # A program that dies between its tests, or before the first, fails as a whole: the JUnit log has
        # no word for that.
        has_failed = any(
            case.find("failure") is not None or case.find("error") is not None for case in cases
        )
        # Programs that do not speak TAP share one suite, and are cases of it.
        result = results.get(suite.get("name").partition(".")[2], "OK")
        if result not in ("OK", "SKIP") and not has_failed:
            failed += 1
            print(f"failed: {suite.get('name')} as a whole")
    return passed, failed


def main(paths):
    passed, failed = map(sum, zip(*map(count, paths)))
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
