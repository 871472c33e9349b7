# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording through the helper: the recorder and salamander-cli as unprivileged users."""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import termios
import time

import world
from world import ALICE, ANY, BOB, DEADLINE_S, PASSWORD, Skip, equal, program, wait_for

# Alice may open Bob's processes, root's with her own password, and nobody's not at all.
RULES = f"""
  if (action.id != "{ANY}" || subject.user != "salamander-alice") return undefined;
  if (action.lookup("user") == "salamander-bob") return polkit.Result.YES;
  if (action.lookup("user") == "root") return polkit.Result.AUTH_SELF;
  return polkit.Result.NO;
"""
w = world.World(RULES)
alice = w.person(ALICE)

# Copies, since the build may lie where only root can go.
CLI = shutil.copy(world.BUILD / "app/terminal/salamander-cli", world.HOME)
RECORDER = shutil.copy(world.BUILD / "recorder/command/salamander-recorder", world.HOME)
OUT = world.HOME / "alice"
OUT.mkdir()
os.chown(OUT, ALICE, ALICE)
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": str(OUT),
    "SALAMANDER_RECORDER": RECORDER,
    "LC_ALL": "C.UTF-8",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}

SEVENTY_THIRTY = """
import time
def often(until):
    while time.process_time() < until:
        pass
def seldom(until):
    while time.process_time() < until:
        pass
def work():
    while True:
        often(time.process_time() + 0.007)
        seldom(time.process_time() + 0.003)
print('ready')
work()
"""


# Two that want the lock all the time, and two that sleep.
WAITERS = """
import os, tempfile, threading, time
def burn():
    while True:
        pass
pipe = os.pipe()
for name, work in (
    ('sleeper', lambda: time.sleep(3600)), ('reader', lambda: os.read(pipe[0], 1)), ('burner', burn)
):
    threading.Thread(target=work, name=name, daemon=True).start()
print('ready')
burn()
"""


CROWD = """
import threading
def burn():
    while True:
        pass
for number in range(19):
    threading.Thread(target=burn, daemon=True).start()
print('ready')
burn()
"""


# Calls as short as can be: nothing that has an a calls anything that has a b.
LADDERS = """
for letter in "ab":
    exec(f"def {letter}_45(): return 1")
    for rung in range(44, -1, -1):
        exec(f"def {letter}_{rung}(): return {letter}_{rung + 1}()")
def climb():
    while True:
        a_0()
        b_0()
print("ready", flush=True)
climb()
"""
NATIVE = """
import threading, zlib
DATA = bytes(range(256)) * 256
def pack(_):
    return zlib.compress(DATA)
def work():
    while True:
        max([1, 2, 3], key=pack)
threading.Thread(target=work, daemon=True).start()
print('ready')
work()
"""


# Each level of it takes some 900 bytes of C stack.
DEEP = """
import sys, threading, zlib
DATA = bytes(range(256)) * 256
def go_down(level):
    if level == 1:
        while True:
            zlib.compress(DATA)
    max((level - 1,), key=go_down)
sys.setrecursionlimit(100000)
threading.stack_size(64 << 20)
threading.Thread(target=go_down, args=(LEVELS,), daemon=True).start()
print('ready')
threading.Event().wait()
"""


def folded(path):
    """{function: share} of what ran innermost, without the numbers of lines."""
    counts = {}
    for line in pathlib.Path(path).read_text().splitlines():
        stack, count = line.rsplit(" ", 1)
        name = re.split(r"[ (:]", stack.split(";")[-1])[0]
        counts[name] = counts.get(name, 0) + float(count)
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


def run_as(uid, command, **options):
    return subprocess.run(
        [str(word) for word in command],
        env=ENVIRONMENT,
        preexec_fn=lambda: world.become(uid),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        cwd=OUT,
        **options,
    )


def record(process, name, uid, *options, **more):
    """Has the recorder record for a second; the shares of the functions."""
    capture = OUT / f"{name}.salamander"
    command = [RECORDER, "--output", capture, "--duration", "1", "--pid", process.pid, *options]
    done = run_as(uid, command, **more)
    equal((done.returncode, done.stderr), (0, ""), f"the recorder's end ({name})")
    exported = OUT / f"{name}.folded"
    done = run_as(uid, [CLI, "export", capture, "-o", exported])
    equal(done.returncode, 0, done.stderr)
    return folded(exported)


def cli(process, name, uid=ALICE, *options):
    return run_as(uid, [CLI, "record", "-p", process.pid, "-d", "1", "-o", OUT / name, *options])


def same():
    """direct and brokered see the same functions in the same shares"""
    with program(SEVENTY_THIRTY, BOB) as process:
        alice.begin(process.pid, world.start_time(process.pid))
        fd = alice.finish_raw()
        brokered = record(process, "brokered", ALICE, "--broker", fd, pass_fds=[fd])
        os.close(fd)
        direct = record(process, "direct", 0)
    for shares in (brokered, direct):
        assert {"often", "seldom"} <= set(shares) <= {"often", "seldom", "work", "<module>"}, shares
        assert 0.5 < shares["often"] < 0.9, shares


def stacks(capture, outer):
    """The native stacks of the samples that have @outer, outermost first: from there inwards, each once"""
    exported = OUT / f"{capture}.stacks.folded"
    done = run_as(ALICE, [CLI, "export", "--internals", OUT / f"{capture}.salamander", "-o", exported])
    equal(done.returncode, 0, done.stderr)
    found = set()
    for line in exported.read_text().splitlines():
        names = [re.split(r"[ (:]", frame)[0] for frame in line.rsplit(" ", 1)[0].split(";")]
        if outer in names:
            found.add(tuple(names[names.index(outer) :]))
    return found


def chains(capture, inner, outer):
    """Those that have @inner, up to that"""
    return {names[: names.index(inner) + 1] for names in stacks(capture, outer) if inner in names}


def native():
    """direct and brokered see the same native stacks, and merge them as well"""
    with program(NATIVE, BOB) as process:
        alice.begin(process.pid, world.start_time(process.pid))
        fd = alice.finish_raw()
        record(process, "native-brokered", ALICE, "--native", "--broker", fd, pass_fds=[fd])
        os.close(fd)
        world.wait_for(lambda: world.tracer_of(process.pid) == 0, "no tracer")
        record(process, "native-direct", 0, "--native")
    os.chmod(OUT / "native-direct.salamander", 0o644)
    seen = [chains(f"native-{way}", "deflate", "work") for way in ("brokered", "direct")]
    equal(seen[0], seen[1], "the stacks")
    assert any({"pack", "_PyEval_EvalFrameDefault"} <= set(chain) for chain in seen[0]), seen[0]
    done = run_as(ALICE, [CLI, "info", "--json", OUT / "native-brokered.salamander"])
    told = json.loads(done.stdout)
    assert told["native_samples"] >= told["samples"] > 0, told
    equal(told["errors"]["chain"] + told["errors"]["torn"], 0, f"looks that went wrong ({told['errors']})")


def record_held(process):
    """Records, holding threads; what is told of it if there was need for that"""
    (OUT / "blocking.salamander").unlink(missing_ok=True)
    alice.begin(process.pid, world.start_time(process.pid))
    fd = alice.finish_raw()
    record(process, "blocking", ALICE, "--blocking", "--rate", "max", "--broker", fd, pass_fds=[fd])
    os.close(fd)
    told = json.loads(run_as(ALICE, [CLI, "info", "--json", OUT / "blocking.salamander"]).stdout)
    return told if told["held"] else None


def blocking():
    """what changes faster than it can be read is held through the helper, and no stack is lost"""
    with program(LADDERS, BOB) as process:
        # On a busy machine the program stands still while it is read, for want of a processor.
        told = world.wait_for(lambda: record_held(process), "a recording that has held a thread")
        world.wait_for(lambda: world.tracer_of(process.pid) == 0, "no tracer")
    assert told["rejected"] <= told["samples"] / 100, told
    for stack in stacks("blocking", "climb"):
        letters = {name[0] for name in stack[1:]}
        assert len(letters) <= 1, stack


def deep():
    """stacks of far more than 64 KiB are whole, and those of more than 256 KiB lack their outer end"""
    told = {}
    for levels in (150, 800):
        with program(f"LEVELS = {levels}\n{DEEP}", BOB) as process:
            alice.begin(process.pid, world.start_time(process.pid))
            fd = alice.finish_raw()
            record(process, f"deep-{levels}", ALICE, "--native", "--rate", "50", "--broker", fd, pass_fds=[fd])
            os.close(fd)
        told[levels] = json.loads(run_as(ALICE, [CLI, "info", "--json", OUT / f"deep-{levels}.salamander"]).stdout)
        assert told[levels]["native_samples"] >= told[levels]["samples"] > 0, told
        found = stacks(f"deep-{levels}", "go_down")
        equal({names.count("go_down") for names in found}, {levels}, "levels")
        loops = {names.count("_PyEval_EvalFrameDefault") for names in found if "deflate" in names}
        if levels == 150:
            equal(loops, {levels - 1}, "runs of the loop")
        assert max(loops, default=0) < 800 - 1, loops
    equal(told[150]["native_cut"], 0, "those cut of 150 levels")
    assert told[800]["native_cut"] + told[800]["native_seams"] > 0, told


def alone():
    """without the helper's socket Alice's recorder is refused what it reads with it"""
    with program(SEVENTY_THIRTY, BOB) as process:
        done = run_as(ALICE, [RECORDER, "--output", OUT / "no.salamander", "--pid", process.pid])
        equal(done.returncode, 125, done.stderr)


def terminal():
    """salamander-cli record -p goes to the helper by itself, and records"""
    with program(SEVENTY_THIRTY, BOB) as process:
        done = cli(process, "cli.folded")
        equal(done.returncode, 0, done.stderr)
        shares = folded(OUT / "cli.folded")
        assert 0.5 < shares["often"] < 0.9, shares
        world.wait_for(lambda: world.tracer_of(process.pid) == 0, "no tracer")


def states(capture):
    """{thread: {(state, what it waits for, the descriptor's kind): percent of the thread's time}}"""
    done = run_as(ALICE, [CLI, "info", "--json", capture])
    return {
        thread["name"]: {
            (row["state"], row.get("wait"), row.get("descriptor")): row["percent"] for row in thread["states"]
        }
        for thread in json.loads(done.stdout)["threads"]
    }


def waits():
    """through the helper it is known who waits and what for, though the kernel tells Alice no more than that"""
    with program(WAITERS, BOB) as process:
        for name, options in (("waits", []), ("waits-native", ["--native"])):
            done = cli(process, f"{name}.salamander", ALICE, *options)
            equal(done.returncode, 0, done.stderr)
    told = states(OUT / "waits.salamander")
    equal(set(told["sleeper"]), {("asleep", "sleep", None)})
    equal(set(told["reader"]), {("asleep", "read", "pipe")})
    for name in ("MainThread", "burner"):
        assert told[name][("on-cpu", None, None)] > 10 and told[name][("gil", None, None)] > 10, told[name]
    # Native stacks of threads that sleep take no stop: two always do, and one of those that want the lock.
    told = json.loads(run_as(ALICE, [CLI, "info", "--json", OUT / "waits-native.salamander"]).stdout)
    assert told["held"] < told["samples"] / 2, told
    equal(told["native_samples"], told["samples"], "samples with native frames")


def crowd():
    """through the helper it is known of each of a crowd that it waits for the lock, without a question each time"""
    with program(CROWD, BOB) as process:
        done = cli(process, "crowd.salamander")
        equal(done.returncode, 0, done.stderr)
    told = states(OUT / "crowd.salamander").values()
    equal(len(told), 20, "threads")
    unknown = sum(sum(share for (state, wait, _), share in thread.items() if state == "asleep") for thread in told)
    waiting = sum(thread.get(("gil", None, None), 0) for thread in told)
    assert waiting > 60 * len(told) and unknown < 20 * len(told), (waiting, unknown)


def says(done, *parts):
    assert done.returncode == 1, done
    equal(done.stderr.count("\n"), 1, f"lines ({done.stderr})")
    for part in parts:
        assert part in done.stderr, done.stderr


def sentences():
    """each refusal is one sentence on standard error"""
    with program(SEVENTY_THIRTY, 65534) as process:
        says(cli(process, "never.folded"), f"process {process.pid}", "polkit")
    with program(SEVENTY_THIRTY, 0) as process:
        says(cli(process, "never.folded"), f"process {process.pid}", "needs a password", "sudo")


def begin(process, name, *options):
    """Begins a recording by salamander-cli that goes through the helper; returns when it has its session."""
    recording = subprocess.Popen(
        [CLI, "record", "-p", str(process.pid), "-o", str(OUT / name), *options],
        env=ENVIRONMENT,
        preexec_fn=lambda: world.become(ALICE),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    helper = alice.pid_of(world.BUS_NAME)
    opener = pathlib.Path(f"/proc/{helper}/task/{helper}/children").read_text().strip()
    wait_for(lambda: pathlib.Path(f"/proc/{opener}/task/{opener}/children").read_text(), "a session")
    time.sleep(0.5)
    return recording


def finish(recording, name):
    """Waits for the end of a recording, which must be a good one, and says what is in it."""
    _out, errors = recording.communicate(timeout=DEADLINE_S)
    equal(recording.returncode, 0, errors)
    exported = OUT / f"{name}.folded"
    equal(run_as(ALICE, [CLI, "export", OUT / name, "-o", exported]).returncode, 0, "export")
    return folded(exported), run_as(ALICE, [CLI, "info", OUT / name]).stdout


def ends():
    """a target that ends while it is recorded through the helper leaves a complete recording"""
    with program(SEVENTY_THIRTY, BOB) as process:
        recording = begin(process, "ends.salamander")
        process.kill()
        shares, info = finish(recording, "ends.salamander")
    assert "often" in shares, shares
    assert "Finished:      yes" in info, info


def execs():
    """a target that becomes another program leaves what was recorded, which says so; nothing of the new one"""
    source = f"""
import os, sys, threading
def before():
    while not gone:
        pass
gone = []
threading.Thread(target=lambda: gone.append(input()), daemon=True).start()
print('ready')
before()
os.execv(sys.executable, [sys.executable, '-u', '-c', {SEVENTY_THIRTY!r}])
"""
    with program(source, BOB) as process:
        recording = begin(process, "execs.salamander", "-d", "4")
        process.stdin.write("\n")
        process.stdin.flush()
        shares, info = finish(recording, "execs.salamander")
        assert "before" in shares and "often" not in shares, shares
        assert f"Process {process.pid} has become a program that has to be attached to anew" in info, info
        equal((process.poll(), world.tracer_of(process.pid)), (None, 0), "the program")


def forks():
    """children of a target are not opened by its session, and the recording says so; the target is recorded on"""
    source = """
import os, sys
def parent():
    while True:
        pass
def child():
    while os.getppid() == above:
        pass
above = os.getpid()
print('ready')
input()
if os.fork():
    parent()
child()
"""
    with program(source, BOB) as process:
        recording = begin(process, "forks.salamander", "--subprocesses", "-d", "4")
        process.stdin.write("\n")
        process.stdin.flush()
        shares, info = finish(recording, "forks.salamander")
        assert shares["parent"] > 0.5 and "child" not in shares, shares
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        why = "runs as another user, has to be attached to by itself and is not recorded"
        assert f"Process {children[0]} {why}" in info, info
        assert f"({children[0]}), refused: it runs as another user" in info, info
        assert "not Python" not in info, info


def protected():
    """a child that protects its memory is called that, not "not Python", also without the helper"""
    source = """
import ctypes, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', '''
import ctypes, time
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
print('ready', flush=True)
time.sleep(1000)
'''], stdout=subprocess.PIPE)
child.stdout.readline()
print('ready')
end = time.monotonic() + 1000
try:
    while time.monotonic() < end:
        pass
finally:
    child.kill()
"""
    with program(source, ALICE) as process:
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        capture = OUT / "protected.salamander"
        done = run_as(ALICE, [CLI, "record", "-p", process.pid, "--subprocesses", "-d", "2", "-o", capture])
        equal(done.returncode, 0, done.stderr)
        info = run_as(ALICE, [CLI, "info", capture]).stdout
        why = "protects its memory, has to be attached to by itself and is not recorded"
        assert f"Process {children[0]} {why}" in info, info
        assert f"({children[0]}), refused: it protects its memory" in info, info
        done = run_as(ALICE, [CLI, "info", "--json", capture])
        refusals = {each["pid"]: each["refused"] for each in json.loads(done.stdout)["processes"]}
        equal(refusals, {process.pid: None, int(children[0]): "protected"})
        os.kill(int(children[0]), 9)


def password():
    """in a terminal without a desktop, polkit's text agent asks for the password"""
    if shutil.which("pkttyagent") is None or shutil.which("openssl") is None:
        raise Skip("needs pkttyagent and openssl")
    with program(SEVENTY_THIRTY, 0) as process:
        done, text = type_password(process, PASSWORD, "password.folded")
        equal(done, 0, text)
        assert f"process {process.pid}, {world.PYTHON} -u -c" in text, text
        assert "of user root" in text, text
        assert folded(OUT / "password.folded")["often"] > 0.5
        done, text = type_password(process, "wrong", "wrong.folded")
        equal(done, 1, text)
        assert not (OUT / "wrong.folded").exists()


def type_password(process, password_, name):
    """Runs salamander-cli on a terminal of its own; its end and all that it showed."""
    pid, terminal_fd = pty.fork()
    if pid == 0:
        try:
            world.become(ALICE)
            os.chdir(OUT)
            command = [CLI, "record", "-p", str(process.pid), "-d", "1", "-o", str(OUT / name)]
            os.execve(CLI, command, ENVIRONMENT)
        finally:
            os._exit(99)
    text = ""
    asked = 0
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if select.select([terminal_fd], [], [], 0.1)[0]:
            try:
                text += os.read(terminal_fd, 4096).decode(errors="replace")
            except OSError:
                break
        # What is typed before the agent has turned the echo off, it throws away.
        if text.count("Password:") > asked and not termios.tcgetattr(terminal_fd)[3] & termios.ECHO:
            asked += 1
            os.write(terminal_fd, password_.encode() + b"\n")
    os.close(terminal_fd)
    _pid, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), text


world.run_tests([same, native, blocking, deep, alone, terminal, waits, crowd, sentences, ends, execs, forks, protected, password])
