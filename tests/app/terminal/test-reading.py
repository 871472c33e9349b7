# SPDX-License-Identifier: GPL-3.0-or-later
"""salamander-cli report, export and info: arguments are the program and make-recording."""

import cProfile
import json
import os
import pathlib
import pstats
import subprocess
import sys
import xml.etree.ElementTree

import harness
from harness import CLI, TEMPORARY, contains, equal, fails, run

RECORDING = TEMPORARY / "work.salamander"
PROF = TEMPORARY / "work.prof"
CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "captures"
WAITS = CAPTURES / "waits.salamander"
NATIVE = CAPTURES / "native.salamander"
INLINED = CAPTURES / "inlined.salamander"
RECORDING.write_bytes(subprocess.run([sys.argv[2]], capture_output=True, check=True).stdout)


def countdown(n):
    return countdown(n - 1) if n > 0 else sum(range(1000))


def make_prof():
    profile = cProfile.Profile()
    for _ in range(3):
        profile.runcall(countdown, 4)
    profile.dump_stats(PROF)


make_prof()


def functions(*arguments):
    done = run("report", *arguments, "--json")
    equal(done.returncode, 0, done.stderr)
    return json.loads(done.stdout)["functions"]


def test_links_no_gtk():
    done = subprocess.run(["ldd", CLI], capture_output=True, text=True, check=True)
    for name in ("gtk", "gdk", "adwaita", "wayland", "X11"):
        assert name not in done.stdout, done.stdout


def test_version():
    for arguments in (["--version"], ["report", "--version"], ["record", "--version"]):
        done = run(*arguments)
        equal(done.returncode, 0)
        assert done.stdout.startswith("salamander-cli 0."), done.stdout


def test_help_of_each_command():
    for arguments in ([], ["record"], ["report"], ["export"], ["info"]):
        done = run(*arguments, "--help")
        equal(done.returncode, 0)
        contains(done.stdout, "Usage:")
        contains(done.stdout, "salamander-cli " + " ".join(arguments))
        contains(done.stdout, "Exit codes:")
        equal(done.stderr, "")
        with open("/dev/full", "w", encoding="ascii") as full:
            done = run(*arguments, "--help", stdout=full)
        equal((done.returncode, done.stderr.count("\n")), (1, 1), arguments)
        contains(done.stderr, "cannot be written")


def test_a_closed_output_is_told():
    for arguments in (["--version"], ["info", PROF], ["report", RECORDING, "--json"]):
        done = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', CLI, *arguments], stderr=subprocess.PIPE, text=True)
        equal((done.returncode, done.stderr.count("\n")), (1, 1), arguments)
        contains(done.stderr, "cannot be written: Bad file descriptor")


def test_wrong_usage():
    fails(2, says="record, report, export, info or ps")
    fails(2, "frobnicate", says="“frobnicate”")
    fails(2, "report", says="FILE")
    fails(2, "report", RECORDING, PROF, says="one FILE")
    fails(2, "report", "--frobnicate", RECORDING, says="--frobnicate")
    fails(2, "report", RECORDING, "--sort", says="--sort")
    fails(2, "report", RECORDING, "--sort", "colour", says="“colour”")
    fails(2, "report", RECORDING, "--limit", "many", says="“many”")
    fails(2, "report", RECORDING, "--limit", "-1", says="“-1”")
    fails(2, "report", RECORDING, "--sort", "ncalls", says="ncalls")
    fails(2, "report", PROF, "--sort", "samples", says="samples")
    fails(2, "report", PROF, "--threads", says="threads")
    fails(2, "record", "-b", "200", "x", says="“200”")
    fails(2, "info", says="FILE")
    fails(2, "export", RECORDING, says="-o")
    fails(2, "export", "-o", "x.svg", says="file to export")
    fails(2, "export", RECORDING, "-o", TEMPORARY / "x.txt", says="x.txt")
    fails(2, "export", RECORDING, "-o", TEMPORARY / "x.svg", "--format", "gif", says="“gif”")
    fails(2, "export", RECORDING, "-o", TEMPORARY / "x.prof", says="x.prof")
    fails(2, "export", RECORDING, "-o", "-", "--format", "folded", says="“-”")


def test_bad_files():
    empty = TEMPORARY / "empty.prof"
    empty.write_bytes(b"")
    nonsense = TEMPORARY / "non\nsense.prof"
    nonsense.write_bytes(b"nonsense" * 100)
    cut = TEMPORARY / "cut.prof"
    cut.write_bytes(PROF.read_bytes()[:-20])
    for command in (["report"], ["info"], ["export", "-o", TEMPORARY / "out.svg"]):
        fails(1, *command, TEMPORARY / "missing.prof", says="missing.prof")
        fails(1, *command, TEMPORARY, says="folder")
        fails(1, *command, empty, says="empty")
        fails(1, *command, nonsense, says="non\\nsense.prof")
        fails(1, *command, cut, says="cut.prof")
    assert not (TEMPORARY / "out.svg").exists()


def test_report_json_of_a_recording():
    rows = {row["function"]: row for row in functions(RECORDING)}
    equal(
        rows["fib"],
        {
            "function": "fib",
            "file": "/src/work.py",
            "line": 20,
            "self_samples": 3,
            "total_samples": 3,
            "self_s": 0.003,
            "total_s": 0.003,
        },
    )
    equal((rows["main"]["self_samples"], rows["main"]["total_samples"]), (1, 10))
    equal((rows["busy"]["self_samples"], rows["busy"]["total_samples"]), (6, 6))
    equal(rows["evil;\n\x1b[2J"]["self_samples"], 2)


def test_report_of_inlined_functions():
    contains(run("report", INLINED).stdout, "middle(int) (/src/fast.cc:5), inlined\n")
    rows = {row["function"]: row for row in functions(INLINED)}
    equal(rows["middle(int)"]["inlined"], True)
    equal((rows["middle(int)"]["file"], rows["middle(int)"]["line"]), ("/src/fast.cc", 5))
    equal(rows["outer(int)"].get("inlined"), None)
    equal(rows["outer(int)"]["library"], "/srv/fast.so")


def test_report_json_of_a_prof():
    wanted = pstats.Stats(str(PROF)).stats
    rows = {(row["file"], row["line"], row["function"]): row for row in functions(PROF)}
    equal(set(rows), set(wanted))
    for key, (pcalls, ncalls, tottime, cumtime, _) in wanted.items():
        row = rows[key]
        equal((row["pcalls"], row["ncalls"]), (pcalls, ncalls), key)
        equal((row["tottime"], row["cumtime"]), (tottime, cumtime), key)


def test_views_of_native_frames():
    def totals(*arguments):
        return {row["function"]: row["total_samples"] for row in functions(NATIVE, *arguments)}

    mark = {"<no Python>": 1}
    inner = {"inner_call": 2, "inner.so+0x1234": 1, "<anonymous code>": 1}
    equal(totals(), {"main": 2} | inner | {"<native frames missing>": 1} | mark)
    equal(totals("--native", "off"), {"main": 2} | mark)
    equal(totals("--native=leaf"), {"main": 2} | inner | {"inner_call": 1} | mark)
    equal(totals("--no-library-code"), {"main": 2, "<native frames missing>": 1} | mark)
    equal([row.get("library") for row in functions(NATIVE) if row["function"] == "inner_call"], ["/usr/lib/ü/inner.so"])
    folded = export(NATIVE, "off.folded", "--native", "off").read_text()
    assert "inner" not in folded and "main" in folded, folded
    fails(2, "report", NATIVE, "--native", "some", says="on, off or leaf")
    by_kind = export(NATIVE, "kind.svg").read_text()
    assert ">Program</text>" in by_kind and ">Native libraries</text>" in by_kind, by_kind
    assert "Native libraries" not in export(NATIVE, "function.svg", "--colour-by", "function").read_text()
    fails(2, "export", NATIVE, "-o", TEMPORARY / "x.svg", "-c", "red", says="kind or function")
    for command in (["report"], ["export", "-o", TEMPORARY / "x.svg"]):
        fails(2, *command, "--no-library-code", PROF, says="for whom library code")


def test_libraries():
    rows = {row["function"]: row for row in functions(NATIVE, "--libraries")}
    equal({name: (row["self_samples"], row["total_samples"]) for name, row in rows.items()},
          {"inner.so": (2, 2), "Program": (0, 2), "Native libraries": (1, 1),
           "<native frames missing>": (0, 1), "<no Python>": (0, 1)})  # fmt: skip
    equal(rows["inner.so"]["library"], "/usr/lib/ü/inner.so")
    fails(2, "report", "--libraries", PROF, says="for recordings")


def test_sort_keys():
    def names(file, key):
        return [row["function"] for row in functions(file, "--sort", key)]

    evil = "evil;\n\x1b[2J"
    for key in ("self", "tottime", "time", "samples"):
        equal(names(RECORDING, key), ["busy", "fib", evil, "main"], key)
    for key in ("total", "cumtime", "cumulative"):
        equal(names(RECORDING, key), ["main", "busy", "fib", evil], key)
    equal(names(RECORDING, "name"), ["busy", evil, "fib", "main"])
    equal(names(RECORDING, "file"), [evil, "main", "busy", "fib"])
    equal(names(RECORDING, "line"), ["main", evil, "busy", "fib"])
    for key in ("calls", "ncalls"):
        equal(names(PROF, key)[0], "countdown")
    for key in ("pcalls", "tottime", "cumtime"):
        values = [row[key] for row in functions(PROF, "--sort", key)]
        equal(values, sorted(values, reverse=True), key)


def test_limit():
    equal(len(functions(RECORDING, "--limit", "2")), 2)
    equal(len(functions(RECORDING, "--limit", "0")), 4)
    equal(len(functions(RECORDING, "--limit", "1000000000")), 4)
    table = run("report", "--limit", "1", RECORDING).stdout
    contains(table, "busy")
    contains(table, "3 more functions")
    assert "fib" not in table, table


def test_table_of_a_recording():
    done = run("report", RECORDING)
    equal((done.returncode, done.stderr), (0, ""))
    lines = done.stdout.split("\n")
    contains(done.stdout, "python3 work.py")
    header = next(line for line in lines if "Self s" in line)
    busy = next(line for line in lines if "busy" in line)
    equal(busy.split()[:5], ["0.006", "50.00", "0.006", "50.00", "6"])
    contains(busy, "busy (/src/work.py:10)")
    equal(header.index("Function"), busy.index("busy"), "columns are not aligned")


def test_table_of_a_prof():
    done = run("report", PROF)
    equal(done.returncode, 0)
    contains(done.stdout, "ncalls  tottime  percall  cumtime  percall filename:lineno(function)")
    contains(done.stdout, "15/3 ")
    contains(done.stdout, f"{countdown.__code__.co_filename}:{countdown.__code__.co_firstlineno}(countdown)")
    contains(done.stdout, "{built-in method builtins.sum}")


def states(text):
    """The rows of the tables of states: seconds and words."""
    rows = [line.split(None, 2) for line in text.split("\n")]
    return [(row[0], row[2]) for row in rows if len(row) == 3 and row[0].replace(".", "").isdigit()]


def test_states():
    done = run("report", "--states", WAITS)
    equal((done.returncode, done.stderr), (0, ""))
    equal(
        states(done.stdout),
        [
            ("0.002", "Disk: read (file), mostly /srv/ü/data.csv"),
            ("0.002", "Sleeping: lock"),
            ("0.001", "On CPU"),
            ("0.001", "Sleeping: another system call, mostly /srv/ü/data.csv"),
            ("0.001", "Sleeping: receive (socket)"),
            ("0.001", "Off CPU"),
        ],
    )
    threads = run("report", "--states", "--threads", WAITS).stdout
    equal(threads.count("Thread: "), 2)
    equal(states(threads[threads.rindex("Thread: ") :])[0], ("0.002", "Disk: read (file), mostly /srv/ü/data.csv"))
    contains(run("report", "--states", RECORDING).stdout, "100.00  On CPU")
    fails(2, "report", "--states", PROF, says="waited for")


def test_states_json():
    report = json.loads(run("report", "--json", WAITS).stdout)
    equal(
        report["states"][0],
        {
            "state": "disk",
            "wait": "read",
            "descriptor": "file",
            "mostly": "/srv/ü/data.csv",
            "seconds": 0.002,
            "percent": 25.0,
        },
    )
    equal(report["states"][2], {"state": "on-cpu", "seconds": 0.001, "percent": 12.5})
    for command in (["report", "--threads"], ["info"]):
        threads = json.loads(run(*command, "--json", WAITS).stdout)["threads"]
        equal([row["state"] for row in threads[0]["states"]], ["on-cpu", "asleep", "asleep", "untold"], command)
        equal([row.get("wait") for row in threads[1]["states"]], ["read", "lock", "receive"], command)
    equal(json.loads(run("report", "--json", PROF).stdout)["states"], [])


def test_names_cannot_command_the_terminal():
    for command in (["report"], ["info"]):
        done = run(*command, RECORDING)
        assert "\x1b" not in done.stdout, done.stdout
    contains(run("report", RECORDING).stdout, "evil;\\n\\x1b[2J")
    contains(run("info", RECORDING).stdout, "work\\x1b[31mer")


def test_info_json_of_a_recording():
    done = run("info", RECORDING, "--json")
    equal(done.returncode, 0, done.stderr)
    info = json.loads(done.stdout)
    wanted = {
        "samples": 13,
        "rate_hz": 1000,
        "missed": 2,
        "late": 1,
        "retried": 4,
        "rejected": 3,
        "ticks": 15,
        "command": "python3 work.py",
        "python": "3.11.7",
        "finished": True,
        "kind": "samples",
        "warnings": [],
        "duration_s": 0.013,
    }
    equal({key: info[key] for key in wanted}, wanted)
    equal((info["errors"]["torn"], info["errors"]["read"]), (3, 1))
    equal([thread["samples"] for thread in info["threads"]], [10, 3])
    equal([thread["main"] for thread in info["threads"]], [True, False])
    equal([process["command"] for process in info["processes"]], ["python3 work.py", None])


def test_info_json_of_a_prof():
    info = json.loads(run("info", PROF, "--json").stdout)
    equal(info["kind"], "calls")
    for key in ("samples", "rate_hz", "missed", "late", "retried", "rejected", "command", "python"):
        equal(info[key], None, key)
    equal((info["errors"], info["threads"]), ({}, []))
    assert info["duration_s"] > 0


def test_info_text():
    text = run("info", RECORDING).stdout
    for part in ("python3 work.py", "3.11.7", "1000", "13", "MainThread", "Errors (torn)"):
        contains(text, part)
    contains(text, "– (105), gone before it was looked at, ended with status 0\n")
    equal(run("info", PROF).returncode, 0)


def test_cut_recording_gives_what_is_whole():
    whole = RECORDING.read_bytes()
    cut = TEMPORARY / "cut.salamander"
    cut.write_bytes(whole[:-1])
    done = run("info", cut, "--json")
    if done.returncode == 0:
        info = json.loads(done.stdout)
        equal((info["finished"], len(info["warnings"])), (False, 1))
        contains(done.stderr, "Warning")
    else:
        # The recording is so small that all of it was in the block that is cut.
        equal((done.returncode, done.stdout), (1, ""))


def export(source, name, *options):
    out = TEMPORARY / name
    done = run("export", source, "-o", out, *options)
    equal((done.returncode, done.stdout, done.stderr), (0, "", ""), name)
    return out


def test_export_folded():
    lines = export(RECORDING, "work.folded").read_text().splitlines()
    counts = dict(line.rsplit(" ", 1) for line in lines)
    equal(sum(map(int, counts.values())), 12)
    busy = [key for key in counts if "busy" in key]
    equal(len(busy), 1)
    equal(counts[busy[0]], "6")
    equal(len(busy[0].split(";")), 2)
    assert busy[0].startswith("main (/src/work.py:"), busy


def test_export_threads():
    lines = export(RECORDING, "threads.folded", "--threads").read_text().splitlines()
    assert all("MainThread" in line or "work" in line for line in lines), lines


def test_export_speedscope():
    data = json.loads(export(RECORDING, "work.speedscope.json").read_text())
    contains(data["$schema"], "speedscope")
    names = [frame["name"] for frame in data["shared"]["frames"]]
    assert any("busy" in name for name in names), names


def test_export_svg():
    for source in (RECORDING, PROF):
        root = xml.etree.ElementTree.parse(export(source, "work.svg")).getroot()
        assert root.tag.endswith("svg"), root.tag
        text = (TEMPORARY / "work.svg").read_text()
        contains(text, "busy" if source == RECORDING else "countdown")


def test_export_recording_is_a_copy():
    equal(export(RECORDING, "copy.salamander").read_bytes(), RECORDING.read_bytes())


def test_format_beats_the_ending():
    assert export(RECORDING, "odd.txt", "--format", "folded").read_text().count(";") > 0
    assert export(RECORDING, "odd.svg", "-f", "speedscope").read_text().startswith("{")


def test_export_refusals():
    folder = TEMPORARY / "no" / "folder"
    fails(1, "export", RECORDING, "-o", folder / "x.svg", says="x.svg")
    fails(1, "export", RECORDING, "-o", "/dev/full", "-f", "svg", says="not an ordinary file")
    (TEMPORARY / "folder.svg").mkdir()
    fails(1, "export", RECORDING, "-o", TEMPORARY / "folder.svg", says="folder")
    fails(1, "export", PROF, "-o", TEMPORARY / "prof.folded", says="SVG")
    fails(2, "export", RECORDING, "-o", RECORDING, says="file to read")
    link = TEMPORARY / "link.salamander"
    link.symlink_to(RECORDING)
    fails(2, "export", RECORDING, "-o", link, says="file to read")
    equal(list(TEMPORARY.glob(".salamander-*")), [], "probes left behind")


def test_failed_export_leaves_the_old_file():
    old = TEMPORARY / "old.folded"
    old.write_text("old")
    fails(1, "export", PROF, "-o", old)
    equal(old.read_text(), "old")


def test_reader_that_goes_away():
    for command in (["report"], ["report", "--json"], ["info"]):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = run(*command, RECORDING, stdout=write_end)
        os.close(write_end)
        equal((done.returncode, done.stderr), (0, ""))


def test_full_disk_for_stdout():
    with pathlib.Path("/dev/full").open("w") as full:
        for command in (["report", RECORDING], ["info", RECORDING], ["--help"], ["--version"]):
            done = run(*command, stdout=full)
            equal(done.returncode, 1)
            contains(done.stderr, "cannot be written")


harness.main(globals())
