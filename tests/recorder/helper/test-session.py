# SPDX-License-Identifier: GPL-3.0-or-later
"""What salamander-helper does on a session's socket, and what happens when one side goes away."""

import contextlib
import ctypes
import os
import pathlib
import random
import resource
import signal
import socket
import struct
import threading
import time

import world
from world import (
    ABSENT,
    ABSOLUTE,
    ALICE,
    BOB,
    BUS_NAME,
    CALL,
    COUNTER,
    DENIED,
    GONE,
    LINK,
    MALFORMED,
    MAX_BYTES,
    MAX_RANGES,
    MAX_THREADS,
    OK,
    SLEEPER,
    SNAPSHOT,
    TIMEOUT,
    equal,
    program,
    refusal,
    runs_on,
    state_of,
    wait_for,
)

SEED = 4711
N_MALFORMED = 10000
# Where the registers of x86-64 have the instruction and the stack pointer: struct user_regs_struct.
RIP, RSP, N_REGISTERS = 16, 19, 27

w = world.World("if (subject.user.indexOf('salamander-') == 0) return polkit.Result.YES;")
alice = w.person(ALICE)
bob = w.person(BOB)
root = w.person(0)


def processes():
    """The helper's service, its opener and the opener's sessions."""
    helper = root.pid_of(BUS_NAME)
    opener = children(helper)[0]
    return helper, opener, children(opener)


def children(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def tids_of(process):
    return [int(tid) for tid in os.listdir(f"/proc/{process.pid}/task")]


def mapped(session):
    return list(world.mappings(session.maps))


def files():
    """files come back for executable mappings that begin where was asked, and for no others"""
    source = """
import mmap, time
data = open('/etc/hostname', 'rb')
mapped = mmap.mmap(data.fileno(), 0, prot=mmap.PROT_READ)
print('ready')
time.sleep(1000)
"""
    with program(source, ALICE) as process:
        session = alice.attach(process.pid)
        maps = mapped(session)
        n_files = 0
        for start, _end, permissions, path in maps:
            result, fd = session.file(start)
            equal(result, OK if "x" in permissions and path.startswith("/") else ABSENT, path)
            equal(session.file(start + 1)[0], ABSENT, "not its beginning")
            if fd is not None:
                n_files += 1
                equal(os.fstat(fd).st_ino, os.stat(path).st_ino, path)
                try:
                    os.write(fd, b"x")
                    raise AssertionError(f"{path} can be written to")
                except OSError:
                    pass
                os.close(fd)
        assert n_files > 2, n_files
        assert any(path == "/etc/hostname" for _start, _end, _permissions, path in maps)
        for address in (0, 1, 2**47, 2**63, 2**64 - 1):
            equal(session.file(address)[0], ABSENT, hex(address))
        session.close()


def snapshots():
    """a snapshot has the registers and bytes of threads that stood still, and lets them run"""
    with program(COUNTER, ALICE) as process:
        session = alice.attach(process.pid)
        tids = tids_of(process)
        maps = mapped(session)
        code = [(start, end) for start, end, permissions, _path in maps if "x" in permissions]
        start = code[0][0]
        for _ in range(200):
            ranges = [(start, 4096, ABSOLUTE), (0, 256, 0), (-128, 128, 1), (8, 64, ABSOLUTE), (start, 0, 0)]
            result, threads, pieces = session.snapshot(tids, ranges)
            equal(result, OK)
            equal([tid for tid, _result, _registers in threads], tids)
            equal([len(piece) for piece in pieces], [4096, 256, 128, 0, 0], "lengths")
            equal(pieces[0], os.pread(session.mem, 4096, start), "bytes")
            for _tid, result, registers in threads:
                equal(result, OK)
                if os.uname().machine == "x86_64":
                    registers = struct.unpack(f"={N_REGISTERS}Q", registers)
                    assert any(low <= registers[RIP] < high for low, high in code), hex(registers[RIP])
                    assert any(low <= registers[RSP] < high for low, high, *_rest in maps)
        runs_on(process)
        session.close()
        runs_on(process)


def partial():
    """threads that are none of the process's are refused, the others are copied"""
    with program(COUNTER, ALICE) as process, program(COUNTER, BOB) as other:
        session = alice.attach(process.pid)
        strangers = [other.pid, os.getpid(), 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1]
        n = len(strangers)
        tids = [*strangers, process.pid, process.pid]
        result, threads, pieces = session.snapshot(tids, [(0, 16, 0), (0, 16, n), (0, 16, n + 1)])
        equal(result, OK)
        equal([result for _tid, result, _registers in threads], [GONE] * n + [OK, DENIED], "the last one twice")
        equal([registers for _tid, _result, registers in threads[:n]], [b""] * n)
        equal([len(piece) for piece in pieces], [0, 16, 0])
        runs_on(other)
        runs_on(process)
        session.close()


def texts():
    """what the kernel says of calls and descriptors comes back, of the process's own alone, and nothing is stopped"""
    source = """
import socket, threading, time
file = open('/etc/hostname')
pair = socket.socketpair()
threading.Thread(target=lambda: pair[0].recv(1), daemon=True).start()
print('ready')
time.sleep(1000)
"""
    with program(source, ALICE) as process, program(SLEEPER, BOB) as other:
        session = alice.attach(process.pid)
        folder = pathlib.Path(f"/proc/{process.pid}")
        for tid in tids_of(process):
            call = folder / f"task/{tid}/syscall"
            wait_for(lambda: call.read_text() not in ("", "running\n"), "a thread that sleeps")
            equal(session.text(CALL, tid), (OK, call.read_text()), f"thread {tid}")
        links = {fd: os.readlink(folder / f"fd/{fd}") for fd in map(int, os.listdir(folder / "fd"))}
        equal({fd: session.text(LINK, fd) for fd in links}, {fd: (OK, link) for fd, link in links.items()}, "links")
        assert "/etc/hostname" in links.values() and any(link.startswith("socket:") for link in links.values()), links
        for number in (0, other.pid, os.getpid(), 2**31, 2**63, 2**64 - 1):
            equal(session.text(CALL, number)[0], ABSENT, f"thread {number}")
        for number in (max(links) + 1, 2**31, 2**63, 2**64 - 1):
            equal(session.text(LINK, number)[0], ABSENT, f"descriptor {number}")
        equal(world.tracer_of(process.pid), 0, "the tracer")
        process.kill()
        process.wait()
        equal([session.text(CALL, process.pid)[0], session.text(LINK, 0)[0]], [GONE, GONE], "afterwards")
        session.close()


def limits():
    """a request over any limit is malformed, one at the limit is not"""
    with program(SLEEPER, ALICE) as process:
        session = alice.attach(process.pid)
        start = mapped(session)[0][0]
        pid = process.pid
        many = list(range(pid, pid + MAX_THREADS))
        equal(session.snapshot(many)[0], OK, "threads")
        equal(session.snapshot([pid], [(start, 1, ABSOLUTE)] * MAX_RANGES)[0], OK, "ranges")
        equal(session.snapshot([pid], [(start, MAX_BYTES, ABSOLUTE)])[0], OK, "bytes")
        equal(session.snapshot([pid], [(start, MAX_BYTES // 2, ABSOLUTE)] * 2)[0], OK, "bytes in two")
        for options in (
            {"tids": []},
            {"tids": [pid], "n_tids": MAX_THREADS + 1},
            {"tids": [pid], "n_tids": 2**32 - 1},
            {"tids": [pid], "n_ranges": MAX_RANGES + 1},
            {"tids": [pid], "n_ranges": 2**32 - 1},
            {"tids": [pid], "ranges": [(start, 1, ABSOLUTE)] * (MAX_RANGES + 1)},
            {"tids": [pid], "ranges": [(start, 1, ABSOLUTE)] * 2, "n_ranges": 1},
            {"tids": [pid], "ranges": [(start, 1, ABSOLUTE)] * 2, "n_ranges": 3},
            {"tids": [pid], "ranges": [(start, MAX_BYTES + 1, ABSOLUTE)]},
            {"tids": [pid], "ranges": [(start, MAX_BYTES, ABSOLUTE), (start, 1, ABSOLUTE)]},
            {"tids": [pid], "ranges": [(start, 2**32 - 1, ABSOLUTE)] * MAX_RANGES},
            {"tids": [pid], "ranges": [(0, 1, 1)]},
        ):
            equal(session.ask(SNAPSHOT, **options)[0]["result"], MALFORMED, str(options)[:80])
        for kind in (0, 1, 6, 2**32 - 1):
            equal(session.ask(kind, start)[0]["result"], MALFORMED, f"kind {kind}")
        session.close()


def malformed():
    """10,000 malformed messages change nothing"""
    generator = random.Random(SEED)
    with program(COUNTER, ALICE) as process:
        session = alice.attach(process.pid)
        before = processes()
        good = session.request(SNAPSHOT, tids=[process.pid])
        for number in range(N_MALFORMED):
            data = bytearray(good if number % 4 else generator.randbytes(len(good)))
            if number % 4 == 1:
                data = data[: generator.randrange(1, len(data))]
            elif number % 4 == 2:
                data += bytes(generator.randrange(1, 2000))
            elif number % 4 == 3:
                for _ in range(generator.randrange(1, 9)):
                    data[generator.randrange(4, 24)] ^= 1 << generator.randrange(8)
                struct.pack_into("=II", data, 16, generator.randrange(17, 2**32), generator.randrange(2**32))
            session.socket.send(data)
            reply, rest, fds = session.receive()
            equal((reply["kind"], reply["result"], rest, fds), (0, MALFORMED, b"", []), f"message {number}")
        with open("/dev/null", "rb") as null:
            socket.send_fds(session.socket, [good], [null.fileno()] * 8)
            equal(session.receive()[0]["result"], MALFORMED, "descriptors that nobody asked for")
            equal(len(os.listdir(f"/proc/{processes()[2][0]}/fd")), len(os.listdir(f"/proc/{before[2][0]}/fd")))
        equal(processes(), before, "the helper's processes")
        equal(session.snapshot([process.pid])[0], OK, "afterwards")
        runs_on(process)
        session.close()


def bus_noise():
    """10,000 malformed calls on the bus change nothing"""
    awake()
    before = processes()
    errors = alice.ask("noise", SEED, N_MALFORMED)[0]
    equal(errors, ["org.freedesktop.DBus.Error.InvalidArgs"])
    equal(processes()[:2], before[:2], "the helper's processes")
    awake()


def worker_of(process):
    """The session that has @process open."""
    for worker in processes()[2]:
        for fd in os.listdir(f"/proc/{worker}/fd"):
            if os.readlink(f"/proc/{worker}/fd/{fd}") == f"/proc/{process.pid}/mem":
                return worker
    raise AssertionError("no session")


def stop_inside(session, process, worker):
    """Stops the session's process at a moment at which it holds a thread of the program."""
    tids = tids_of(process)
    is_done = threading.Event()

    def ask():
        while not is_done.is_set():
            try:
                session.snapshot_once(tids, [(0, 60000, 0), (0, 60000, 1)])
            except (OSError, EOFError):
                return

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        end = time.monotonic() + world.DEADLINE_S
        while time.monotonic() < end:
            os.kill(worker, signal.SIGSTOP)
            wait_for(lambda: state_of(worker) == "T", "the session's process to stop")
            if any(state_of(process.pid, tid) == "t" for tid in tids_of(process)):
                return
            os.kill(worker, signal.SIGCONT)
            time.sleep(random.random() / 1000)
        raise AssertionError("the session never holds a thread")
    finally:
        is_done.set()


def killed():
    """when the session's process is killed while it holds a thread, the thread runs on"""
    with program(COUNTER, ALICE) as process:
        session = alice.attach(process.pid)
        worker = worker_of(process)
        stop_inside(session, process, worker)
        os.kill(worker, signal.SIGKILL)
        runs_on(process)
        session.close()
        equal(refusal(alice.attach, process.pid), None, "a new session")


def service_killed():
    """when the whole helper is killed while it holds a thread, the thread runs on and the bus starts it anew"""
    with program(COUNTER, ALICE) as process:
        session = alice.attach(process.pid)
        helper, opener, _sessions = processes()
        worker = worker_of(process)
        stop_inside(session, process, worker)
        for pid in (worker, opener, helper):
            os.kill(pid, signal.SIGKILL)
        runs_on(process)
        start = mapped(session)[0][0]
        equal(len(os.pread(session.mem, 16, start)), 16, "what was handed out stays open")
        session.close()
        wait_for(lambda: not root.has_owner(BUS_NAME), "the name to be free")
        equal(refusal(alice.attach, process.pid), None, "a new helper")


def service_ends():
    """when the service ends, its opener and sessions end with it"""
    with program(COUNTER, ALICE) as process:
        session = alice.attach(process.pid)
        helper, opener, sessions = processes()
        os.kill(helper, signal.SIGKILL)
        wait_for(lambda: not any(os.path.exists(f"/proc/{pid}/mem") for pid in (opener, *sessions)), "their end")
        try:
            session.socket.send(session.request(SNAPSHOT, tids=[process.pid]))
            session.receive()
            raise AssertionError("the session goes on")
        except (EOFError, OSError):
            pass
        session.close()
        runs_on(process)
        wait_for(lambda: not root.has_owner(BUS_NAME), "the name to be free")


def closed():
    """closing the socket ends the session's process"""
    with program(COUNTER, ALICE) as process:
        session = alice.attach(process.pid)
        worker = worker_of(process)
        session.close()
        wait_for(lambda: not os.path.exists(f"/proc/{worker}"), "its end")
        runs_on(process)


def unread():
    """a caller that never reads its answers loses its session and nothing else"""
    with program(COUNTER, ALICE) as process, program(COUNTER, BOB) as other:
        session = alice.attach(process.pid)
        worker = worker_of(process)
        start = mapped(session)[0][0]
        request = session.request(SNAPSHOT, tids=[process.pid], ranges=[(start, MAX_BYTES, ABSOLUTE)])
        session.socket.settimeout(1)
        try:
            while True:
                session.socket.send(request)
        except OSError:
            pass
        wait_for(lambda: not os.path.exists(f"/proc/{worker}"), "its end")
        session.close()
        runs_on(process)
        equal(refusal(bob.attach, other.pid), None)


def traced():
    """a thread that somebody else traces is refused and left to its tracer"""
    with program(SLEEPER, ALICE) as process:
        session = alice.attach(process.pid)
        tracer = os.fork()
        if tracer == 0:
            ctypes.CDLL(None).ptrace(0x4206, process.pid, 0, 0)
            signal.pause()
            os._exit(0)
        try:
            wait_for(lambda: world.tracer_of(process.pid) == tracer, "the other tracer")
            result, threads, _pieces = session.snapshot([process.pid])
            equal((result, threads[0][1]), (OK, DENIED))
            equal(world.tracer_of(process.pid), tracer)
        finally:
            os.kill(tracer, signal.SIGKILL)
            os.waitpid(tracer, 0)
        equal(session.snapshot([process.pid])[1][0][1], OK, "afterwards")
        session.close()


def stopped():
    """a program that job control has stopped stays stopped, and goes on when it is continued"""
    with program(COUNTER, ALICE) as process:
        session = alice.attach(process.pid)
        os.kill(process.pid, signal.SIGSTOP)
        wait_for(lambda: state_of(process.pid) == "T", "the stop")
        for _ in range(20):
            equal(session.snapshot(tids_of(process))[0], OK)
        wait_for(lambda: {state_of(process.pid, tid) for tid in tids_of(process)} == {"T"}, "it to be stopped still")
        os.kill(process.pid, signal.SIGCONT)
        runs_on(process)
        session.close()


@contextlib.contextmanager
def delayed():
    """A program that cannot be stopped before somebody writes into the fifo. Gives it and the fifo."""
    fifo = world.HOME / "fifo"
    fifo.unlink(missing_ok=True)
    os.mkfifo(fifo)
    fifo.chmod(0o666)
    # Whoever waits for a vfork child cannot be interrupted, and this child waits for a writer.
    source = f"""
import os
print('ready')
input()
pid = os.posix_spawn('/bin/true', ['true'], {{}}, file_actions=[(os.POSIX_SPAWN_OPEN, 7, {str(fifo)!r}, os.O_RDONLY, 0)])
os.waitpid(pid, 0)
print('done')
input()
"""
    with program(source, ALICE) as process:
        process.stdin.write("\n")
        process.stdin.flush()
        wait_for(lambda: state_of(process.pid) == "D", "the wait for the child")
        yield process, fifo


def late():
    """a thread that does not stop in time is reported, and let run when it stops at last"""
    with delayed() as (process, fifo):
        session = alice.attach(process.pid)
        result, threads, _pieces = session.snapshot_once([process.pid])
        equal((result, threads[0][1]), (OK, TIMEOUT))
        with open(fifo, "wb"):
            equal(process.stdout.readline(), "done\n")
        equal(session.snapshot([process.pid])[1][0][1], OK)
        wait_for(lambda: world.tracer_of(process.pid) == 0, "the tracer to be gone")
        session.close()


def late_and_asked_for():
    """a thread that did not stop in time is waited for on, while it is asked for"""
    with delayed() as (process, fifo):
        session = alice.attach(process.pid)
        equal(session.snapshot_once([process.pid])[1][0][1], TIMEOUT)
        equal(session.snapshot_once([process.pid], patience_us=0)[1][0][1], TIMEOUT)
        end = time.monotonic() + world.DEADLINE_S
        with open(fifo, "wb"):
            # One that was only asked now would not have stopped yet.
            while session.snapshot_once([process.pid], patience_us=0)[1][0][1] == TIMEOUT:
                assert time.monotonic() < end
        equal(process.stdout.readline(), "done\n")
        wait_for(lambda: world.tracer_of(process.pid) == 0, "the tracer to be gone")
        session.close()


def descriptors():
    """when the helper has no descriptor left, calls fail, and work again afterwards"""
    with program(SLEEPER, ALICE) as process:
        equal(refusal(alice.attach, process.pid), None, "before")
        helper, opener, _sessions = processes()
        for pid in (helper, opener):
            wait_for(lambda: not processes()[2], "the last session's end")
            used = len(os.listdir(f"/proc/{pid}/fd"))
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
            try:
                for _ in range(5):
                    assert refusal(alice.attach, process.pid) in ("Failed", "Gone"), pid
            finally:
                resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            equal(refusal(alice.attach, process.pid), None, f"after {pid}")
            equal(processes()[:2], (helper, opener), "the helper's processes")


def awake():
    """Has the bus start the helper if it is not there."""
    with program(SLEEPER, ALICE) as process:
        equal(refusal(alice.attach, process.pid), None)


world.run_tests(
    [
        files,
        snapshots,
        partial,
        texts,
        limits,
        malformed,
        closed,
        unread,
        traced,
        stopped,
        late,
        late_and_asked_for,
        killed,
        service_killed,
        service_ends,
        bus_noise,
        descriptors,
    ]
)
