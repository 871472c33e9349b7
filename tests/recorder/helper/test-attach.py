# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may have salamander-helper open which process: the bus, polkit, users and processes are real."""

import contextlib
import mmap
import os
import pathlib
import shutil
import subprocess
import time

import world
from world import ALICE, ANY, BOB, BUS_NAME, ERROR, OWN, SLEEPER, Skip, equal, program, refusal, start_time, wait_for

# Alice may open her own processes, Bob everybody's, both without a password; for the others the policy's
# defaults stand. A process that calls itself "forbidden" is nobody's.
RULES = f"""
  if (action.lookup("command").indexOf("forbidden") >= 0) return polkit.Result.NO;
  if (action.id == "{OWN}" && subject.user == "salamander-alice") return polkit.Result.YES;
  if (action.id == "{ANY}" && subject.user == "salamander-alice" && action.lookup("user") == "nobody")
    return polkit.Result.AUTH_ADMIN;
  if (action.id == "{ANY}" && subject.user == "salamander-alice") return polkit.Result.NO;
  if (subject.user == "salamander-bob") return polkit.Result.YES;
"""
w = world.World(RULES)
alice = w.person(ALICE)
bob = w.person(BOB)
root = w.person(0)


def usable(session, process):
    """The descriptors are those of @process, and are read-only."""
    equal(session.pid, process.pid, "pid")
    equal(session.start_time, start_time(process.pid), "start time")
    start = world.python_start(session)
    equal(os.pread(session.mem, 4, start), b"\x7fELF", "memory")
    assert str(process.pid) in os.listdir(session.task)
    equal(os.fstat(session.exe[0]).st_ino, os.stat(f"/proc/{process.pid}/exe").st_ino, "exe")
    for fd in session.fds:
        with contextlib.suppress(OSError):
            os.pwrite(fd, b"x", start)
            raise AssertionError("a descriptor can be written to")
    changes = (lambda fd: mmap.mmap(fd, 0), lambda fd: os.ftruncate(fd, 0), lambda fd: os.ftruncate(fd, 1 << 30))
    with open(f"/proc/self/fd/{session.copy}", "r+b", buffering=0) as again:
        for fd in (session.copy, again.fileno()):
            for change in changes:
                with contextlib.suppress(OSError):
                    change(fd)
                    raise AssertionError("the helper's copies can be changed")
    equal(os.pread(session.mem, 4, start), b"\x7fELF", "memory after writing")


def own():
    """a user's own process is opened when polkit grants it"""
    with program(SLEEPER, ALICE) as process:
        session = alice.attach(process.pid)
        usable(session, process)
        session.close()


def others():
    """another user's process takes attach-any, root's too"""
    for uid in (BOB, 0):
        with program(SLEEPER, uid) as process:
            equal(refusal(alice.attach, process.pid), "NotAuthorized", f"Alice and uid {uid}")
    for uid in (ALICE, 0):
        with program(SLEEPER, uid) as process:
            session = bob.attach(process.pid)
            usable(session, process)
            session.close()


def password():
    """where a password is needed and nobody can ask for it, the answer says so"""
    with program(SLEEPER, 65534) as process:
        equal(refusal(alice.attach, process.pid), "NoAgent")
        equal(refusal(alice.attach, process.pid, interactive=True), "NoAgent")


def unreadable():
    """a process of the user's own that is not dumpable, or has another group or a capability, takes attach-any"""
    hide = "import ctypes, time; ctypes.CDLL(None).prctl(4, 0); print('ready'); time.sleep(1000)"
    with program(hide, ALICE) as process:
        equal(refusal(alice.attach, process.pid), "NotAuthorized", "not dumpable")
        usable_by_bob = bob.attach(process.pid)
        usable_by_bob.close()
    prefix = ["setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups"]
    caps = ["--inh-caps=+net_raw", "--ambient-caps=+net_raw"]
    with program(SLEEPER, 0, *prefix, *caps) as process:
        equal(refusal(alice.attach, process.pid), "NotAuthorized", "capability")
    group = f"import os, time; os.setresgid({ALICE}, {BOB}, {ALICE}); os.setresuid({ALICE}, {ALICE}, {ALICE}); "
    # Changing the group makes it undumpable; this one makes itself dumpable again.
    again = "import ctypes; ctypes.CDLL(None).prctl(4, 1); print('ready'); time.sleep(1000)"
    with program(group + again, 0) as process:
        equal(refusal(alice.attach, process.pid), "NotAuthorized", "group")
    uid = f"import os, time; os.setresgid({ALICE}, {ALICE}, {ALICE}); os.setresuid({ALICE}, {ALICE}, {BOB}); "
    with program(uid + again, 0) as process:
        equal(refusal(alice.attach, process.pid), "NotAuthorized", "saved uid")


def lies():
    """a pid or start time that is not the process's is refused, whoever asks"""
    with program(SLEEPER, ALICE) as process, program(SLEEPER, BOB) as other:
        start = start_time(process.pid)
        for person in (alice, bob, root):
            equal(refusal(person.attach, process.pid, start + 1), "Gone", "later")
            equal(refusal(person.attach, process.pid, start - 1), "Gone", "earlier")
            equal(refusal(person.attach, process.pid, 0), "Gone", "none")
            for pid in (0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
                equal(refusal(person.attach, pid, start), "Gone", f"pid {pid}")
        equal(refusal(alice.attach, other.pid, start_time(other.pid)), "NotAuthorized", "Bob's")
    equal(refusal(alice.attach, process.pid, start), "Gone", "ended")


def never():
    """kernel threads, the helper and programs without Python are refused by name, root's call too"""
    equal(refusal(root.attach, root.pid_of(BUS_NAME)), "Itself")
    with program(None, ALICE, command=["sh", "-c", "echo ready; exec sleep 1000"]) as process:
        wait_for(lambda: os.readlink(f"/proc/{process.pid}/exe").endswith("sleep"), "the sleep")
        for person in (alice, bob, root):
            equal(refusal(person.attach, process.pid), "NotPython")
    comm = pathlib.Path("/proc/2/comm")
    if not comm.exists() or comm.read_text(encoding="utf-8") != "kthreadd\n":
        raise Skip("no kernel thread can be seen from this pid namespace")
    for person in (alice, bob, root):
        equal(refusal(person.attach, 2), "KernelThread")


def no_work_before():
    """nobody learns before polkit has answered whether another's process runs Python"""
    with program(None, BOB, command=["sh", "-c", "echo ready; exec sleep 1000"]) as process:
        equal(refusal(alice.attach, process.pid), "NotAuthorized")


def threads():
    """the number of a thread that is not the first is no process"""
    source = "import threading, time; t = threading.Thread(target=time.sleep, args=(1000,), daemon=True); t.start()\n"
    with program(source + "print('ready'); time.sleep(1000)", ALICE) as process:
        tid = max(int(tid) for tid in os.listdir(f"/proc/{process.pid}/task"))
        assert tid != process.pid
        equal(refusal(alice.attach, tid, start_time(tid)), "Gone")


def reuse():
    """a pid that another process has by the time of opening is refused"""
    with open("/proc/sys/kernel/ns_last_pid", "r+b", buffering=0) as last:
        process = subprocess.Popen(["sleep", "1000"])
        start = start_time(process.pid)
        process.kill()
        process.wait()
        time.sleep(2 / os.sysconf("SC_CLK_TCK"))

        def again():
            last.seek(0)
            last.write(str(process.pid - 1).encode())
            heir = subprocess.Popen([world.PYTHON, "-c", "import time; time.sleep(1000)"])
            if heir.pid == process.pid:
                return heir
            heir.kill()
            heir.wait()
            return None

        heir = wait_for(again, "the same pid")
    try:
        assert start_time(heir.pid) != start
        for person in (bob, root):
            equal(refusal(person.attach, heir.pid, start), "Gone")
    finally:
        heir.kill()
        heir.wait()


def options_and_others():
    """unknown options, wrong types, other methods and paths are errors, and nothing else happens"""
    with program(SLEEPER, ALICE) as process:
        start = start_time(process.pid)
        equal(
            alice.ask("call_options", process.pid, start)[0],
            ERROR + "Option",
            "an option",
        )
    for signature, values in (("(u)", [1]), ("(s)", ["1"]), ("(it)", [1, 1]), ("(utas)", [1, 1, []])):
        equal(
            alice.call(BUS_NAME + ".Attach", signature, *values), "org.freedesktop.DBus.Error.InvalidArgs", signature
        )
    for method in ("Detach", "Open"):
        equal(
            alice.call(f"{BUS_NAME}.{method}", "()"),
            "org.freedesktop.DBus.Error.AccessDenied",
            "a method that the bus policy does not name",
        )
    equal(
        alice.call("org.freedesktop.DBus.Properties.Set", "(ssv)", BUS_NAME, "Version", ["u", 2]),
        "org.freedesktop.DBus.Error.InvalidArgs",
        "writing a property",
    )


def name():
    """nobody but root can be the helper on the bus"""
    for person in (alice, bob):
        equal(person.ask("own_name", BUS_NAME)[0], "org.freedesktop.DBus.Error.AccessDenied")


def setuid_exec():
    """after the target execs a set-uid program, the descriptors show nothing of it and sessions refuse"""
    # Set-uid programs do not get their user on a file system mounted nosuid, as /tmp may be.
    folder = "/run/salamander-test"
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-o", "remount,suid,exec", "/run"], check=True)
    copy = shutil.copy(os.path.realpath(world.PYTHON), folder + "/python3-setuid")
    os.chmod(copy, 0o4755)
    source = f"""
import os, sys
print('ready')
input()
os.execv({copy!r}, [{copy!r}, '-I', '-u', '-c', "import os, time; print(os.geteuid()); time.sleep(1000)"])
"""
    with program(source, ALICE) as process:
        session = alice.attach(process.pid)
        address = world.python_start(session)
        equal(session.file(world.python_start(session, "x"))[0], world.OK, "before")
        process.stdin.write("\n")
        process.stdin.flush()
        equal(process.stdout.readline(), "0\n", "the new program's user")
        equal(os.pread(session.mem, 4, address), b"", "memory")
        equal(os.pread(session.maps, 4096, 0), b"", "maps")
        with open(f"/proc/{process.pid}/maps", "rb") as maps:
            for start, _end, _permissions, path in world.mappings(maps.fileno()):
                assert session.file(start)[0] in (world.ABSENT, world.GONE), path
        equal(session.snapshot([process.pid])[0], world.GONE, "snapshot")
        session.close()
        equal(refusal(alice.attach, process.pid), "NotAuthorized", "Alice, again")
        session = bob.attach(process.pid)
        session.close()


def exits():
    """a target that ends while it is recorded is gone, and takes nothing with it"""
    with program(SLEEPER, ALICE) as process:
        session = alice.attach(process.pid)
        address = world.python_start(session, "x")
        process.kill()
        process.wait()
        equal(os.pread(session.mem, 4, address), b"", "memory")
        equal(session.snapshot([session.pid])[0], world.GONE, "snapshot")
        assert session.file(address)[0] in (world.ABSENT, world.GONE)
        session.close()


def changes():
    """a process that changes its user between polkit's answer and the opening is refused"""
    # Each attempt races: it must end in one of the two answers, and the session is never of root's.
    source = f"import os; print('ready'); input(); os.setresuid({BOB}, {BOB}, {BOB}); input()"
    answers = set()
    for _ in range(10):
        with program(source, 0) as process:
            bob.begin(process.pid, start_time(process.pid))
            process.stdin.write("\n")
            process.stdin.flush()
            answers.add(refusal(bob.finish))
    assert answers <= {None, "Changed"}, answers


def together():
    """two users at once, with several processes each, get their own"""
    with contextlib.ExitStack() as stack:
        mine = [stack.enter_context(program(SLEEPER, ALICE)) for _ in range(4)]
        his = [stack.enter_context(program(SLEEPER, BOB)) for _ in range(4)]
        people = [w.person(uid) for uid in (ALICE, BOB) for _ in range(4)]
        for person, process in zip(people, mine + his):
            person.begin(process.pid, start_time(process.pid))
        for person, process in zip(people, mine + his):
            session = person.finish()
            usable(session, process)
            session.close()


def container():
    """a process in another mount and pid namespace, whose files only it can see, is opened"""
    folder = world.HOME / "inside"
    folder.mkdir()
    copy = shutil.copy(os.path.realpath(world.PYTHON), world.HOME / "python3-inside")
    script = f"mount -t tmpfs tmpfs {folder} && cp {copy} {folder}/python3 && exec {folder}/python3 -I -u -c \"$0\""
    command = ["unshare", "-m", "-p", "-f", "--mount-proc", "sh", "-c", script, SLEEPER]
    with program(None, 0, command=command) as process:
        child = int(open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8").read())
        session = bob.attach(child)
        start = world.python_start(session, "x")
        assert not os.path.exists(f"{folder}/python3")
        result, fd = session.file(start)
        equal(result, world.OK, "file")
        equal(os.pread(fd, 1 << 30, 0), open(copy, "rb").read(), "bytes of the file")
        os.close(fd)
        result, threads, _pieces = session.snapshot([child])
        equal((result, threads[0][1]), (world.OK, world.OK), "snapshot")
        session.close()
        os.kill(child, 9)


def confined():
    """a process in a user namespace of its own, and one behind a seccomp filter, are opened like others"""
    # With all rights in its own namespace it could read what its user cannot: that takes attach-any.
    for options, wanted in ((["--user"], None), (["--user", "--map-root-user"], "NotAuthorized")):
        prefix = ["setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups", "unshare", *options]
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
            raise Skip("users cannot make user namespaces here")
        with program(SLEEPER, 0, *prefix) as process:
            equal(refusal(alice.attach, process.pid), wanted, f"Alice, {options}")
            session = bob.attach(process.pid)
            usable(session, process)
            session.close()
    # A filter on what it does itself; it kills at a system call that there is not.
    source = """
import ctypes, struct, time
def step(code, value, yes=0, no=0):
    return struct.pack("HBBI", code, yes, no, value)
program = step(0x20, 0) + step(0x15, 0xFFFF, 0, 1) + step(0x06, 0) + step(0x06, 0x7FFF0000)
steps = ctypes.create_string_buffer(program)
header = struct.pack("HxxxxxxP", 4, ctypes.addressof(steps))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, header, 0, 0) == 0
print('ready')
time.sleep(1000)
"""
    with program(source, ALICE) as process:
        session = alice.attach(process.pid)
        usable(session, process)
        result, threads, _pieces = session.snapshot([process.pid])
        equal((result, threads[0][1]), (world.OK, world.OK), "snapshot")
        equal(open(f"/proc/{process.pid}/status", encoding="utf-8").read().count("Seccomp:\t2"), 1, "filter")
        session.close()


def message():
    """the question to polkit names the process, its command line made harmless, and its user"""
    with program(SLEEPER, ALICE, command=[world.PYTHON, "-u", "-c", SLEEPER, "forbidden"]) as process:
        equal(refusal(alice.attach, process.pid), "NotAuthorized", "what the rule forbids")
    # The command line ends after 80 characters, so that no rule and no person sees more.
    with program(SLEEPER, ALICE, command=[world.PYTHON, "-u", "-c", SLEEPER, "x" * 80 + "forbidden"]) as process:
        equal(refusal(alice.attach, process.pid), None, "what lies behind")


def limits():
    """one user's sessions and calls are limited; another's are not touched by it"""
    with program(SLEEPER, ALICE) as process, program(SLEEPER, BOB) as other:
        start = start_time(process.pid)
        sessions = []
        refused = None
        for _ in range(200):
            try:
                sessions.append(alice.attach(process.pid, start))
            except world.Refused as error:
                refused = str(error)
                break
        equal(refused, "TooMany")
        assert 8 <= len(sessions) <= 64, len(sessions)
        equal(refusal(bob.attach, other.pid), None, "Bob's")
        for session in sessions:
            equal(session.snapshot([process.pid])[0], world.OK)
            session.close()
        wait_for(lambda: refusal(alice.attach, process.pid) is None, "room for Alice again")


def leaves():
    """a caller that leaves the bus while polkit is asked leaves no session behind"""
    helper = root.pid_of(BUS_NAME)
    before = len(os.listdir(f"/proc/{helper}/fd"))
    with program(SLEEPER, ALICE) as process:
        for _ in range(8):
            visitor = w.person(ALICE)
            visitor.begin(process.pid, start_time(process.pid))
            os.kill(visitor.pid, 9)
            visitor.leave()
    wait_for(lambda: len(os.listdir(f"/proc/{helper}/fd")) <= before, "the helper's descriptors to be closed")


def sandbox():
    """the helper has no capability that it does not need, no core and no way to more"""
    helper = root.pid_of(BUS_NAME)
    children = open(f"/proc/{helper}/task/{helper}/children", encoding="utf-8").read().split()
    equal(len(children), 1, "children")
    wanted = 1 << 19 | 1 << 2 | 1 << 40  # SYS_PTRACE, DAC_READ_SEARCH, CHECKPOINT_RESTORE
    for pid, capabilities in ((helper, 0), (children[0], wanted)):
        status = dict(
            line.split(":\t", 1) for line in open(f"/proc/{pid}/status", encoding="utf-8").read().splitlines()
        )
        for kind in ("CapEff", "CapPrm"):
            equal(int(status[kind], 16), capabilities, f"{kind} of {pid}")
        for kind in ("CapInh", "CapAmb", "CapBnd"):
            equal(int(status[kind], 16), 0, f"{kind} of {pid}")
        equal(status["NoNewPrivs"].strip(), "1", "no_new_privs")
        equal(status["Seccomp"].strip(), "2", "seccomp")
        limits = open(f"/proc/{pid}/limits", encoding="utf-8").read()
        assert any(line.split()[4:6] == ["0", "0"] for line in limits.splitlines() if line.startswith("Max core"))


world.run_tests(
    [
        own,
        others,
        password,
        unreadable,
        lies,
        never,
        no_work_before,
        threads,
        reuse,
        options_and_others,
        name,
        setuid_exec,
        exits,
        changes,
        together,
        container,
        confined,
        message,
        leaves,
        sandbox,
        limits,
    ]
)
