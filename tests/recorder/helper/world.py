# SPDX-License-Identifier: GPL-3.0-or-later
"""A system of its own for the tests of salamander-helper: a bus, polkit and users, all of them real.

It needs root, and changes nothing of the machine: whoever imports this runs again in a mount namespace
of its own, where /run and the folders with polkit's rules and the users' list are the test's."""

import array
import atexit
import contextlib
import json
import mmap
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

BUILD = pathlib.Path(sys.argv[1])
SOURCE = pathlib.Path(sys.argv[2])
HELPER = BUILD / "recorder/helper/salamander-helper"
PYTHON = "/usr/bin/python3"
DEADLINE_S = 60

ALICE = 64901
BOB = 64902
USERS = {"salamander-alice": ALICE, "salamander-bob": BOB}
PASSWORD = "newt-17"

BUS_NAME = "org.salamander_profiler.Recorder1"
BUS_PATH = "/org/salamander_profiler/Recorder1"
ERROR = BUS_NAME + ".Error."
OWN = "org.salamander_profiler.recorder.attach-own"
ANY = "org.salamander_profiler.recorder.attach-any"
SOCKET = "/run/dbus/system_bus_socket"

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path={socket}</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
  </policy>
  <include>{polkit}</include>
  <include>{policy}</include>
</busconfig>
"""


class Skip(Exception):
    """A test that cannot run here, and why."""


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def find_polkitd():
    for name in ("/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd", "/usr/lib/polkitd"):
        if os.access(name, os.X_OK):
            return name
    return None


def enter_namespace():
    """Starts this program again with mounts of its own."""
    if os.environ.get("SAL_TEST_NAMESPACE") == str(os.getppid()):
        return
    if os.getuid() != 0:
        skip_all("needs root, to make a bus, polkit and users of its own")
    for program in ("unshare", "dbus-daemon", "setpriv"):
        if shutil.which(program) is None:
            skip_all(f"needs {program}")
    if find_polkitd() is None:
        skip_all("needs polkitd")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        skip_all("needs a mount namespace, and the kernel does not let root have one")
    os.environ["SAL_TEST_NAMESPACE"] = str(os.getpid())
    done = subprocess.run(["unshare", "-m", "--propagation", "private", PYTHON, *sys.argv])
    sys.exit(done.returncode)


enter_namespace()
HOME = pathlib.Path(tempfile.mkdtemp(prefix="salamander-helper-"))
HOME.chmod(0o755)
_atexit_pid = os.getpid()
atexit.register(lambda: os.getpid() == _atexit_pid and shutil.rmtree(HOME, ignore_errors=True))


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def python_start(session, permission="r"):
    """Where the interpreter's file is mapped first, or first so that it can be run: "x"."""
    for start, _end, permissions, path in mappings(session.maps):
        if "python" in path and permission in permissions:
            return start
    raise AssertionError("no interpreter is mapped")


def equal(got, wanted, what=""):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def wait_for(condition, what):
    end = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.005)
    return found


def run_tests(tests):
    print(f"1..{len(tests)}")
    failed = False
    for number, test in enumerate(tests, 1):
        name = f"{number} - {test.__doc__.strip()}"
        try:
            test()
            print(f"ok {name}")
        except Skip as reason:
            print(f"ok {name} # SKIP {reason}")
        except Exception:  # pylint: disable=broad-except
            failed = True
            # Before the result, where the summary of a run looks for it.
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {name}")
        sys.stdout.flush()
    sys.exit(failed)


# ---------------------------------------------------------------------------- the system


def add_users():
    """The users, in copies of the files that list them."""
    for name in ("passwd", "group", "shadow"):
        copy = HOME / name
        shutil.copy(f"/etc/{name}", copy)
        with copy.open("a") as text:
            for user, uid in USERS.items():
                if name == "passwd":
                    text.write(f"{user}:x:{uid}:{uid}::/nonexistent:/bin/sh\n")
                elif name == "group":
                    text.write(f"{user}:x:{uid}:\n")
                else:
                    secret = subprocess.run(
                        ["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True
                    ).stdout.strip()
                    text.write(f"{user}:{secret or '*'}:19000:0:99999:7:::\n")
        mount("--bind", copy, f"/etc/{name}")


class World:
    """The bus and polkit. @rules: JavaScript, the body of polkit's one rule."""

    def __init__(self, rules=""):
        self.daemons = []
        self.people = []
        atexit.register(self.end)
        mount("-t", "tmpfs", "tmpfs", "/run")
        os.mkdir("/run/dbus")
        for folder in ("/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d", "/usr/share/polkit-1/actions"):
            os.makedirs(folder, exist_ok=True)
            mount("-t", "tmpfs", "tmpfs", folder)
            os.chmod(folder, 0o755)
        shutil.copy(BUILD / "data/org.salamander_profiler.recorder.policy", "/usr/share/polkit-1/actions")
        add_users()
        self.write_rules(rules)
        self.start_bus()
        self.start_polkit()

    def write_rules(self, rules):
        text = "polkit.addRule(function(action, subject) {\n" + rules + "\n});\n"
        pathlib.Path("/etc/polkit-1/rules.d/10-test.rules").write_text(text)

    def start_bus(self):
        services = HOME / "services"
        services.mkdir()
        template = (SOURCE / "data" / f"{BUS_NAME}.service.in").read_text()
        (services / f"{BUS_NAME}.service").write_text(template.replace("@libexecdir@", str(HELPER.parent)))
        config = HOME / "bus.conf"
        config.write_text(
            BUS_CONFIG.format(
                socket=SOCKET,
                services=services,
                polkit="/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf",
                policy=SOURCE / "data" / f"{BUS_NAME}.conf",
            )
        )
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={SOCKET}"
        self.start("dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile")
        wait_for(lambda: os.path.exists(SOCKET), "the bus")

    def start_polkit(self):
        # polkit 126 warns of folders for actions that are not there: with G_DEBUG that would be its end.
        environment = {name: value for name, value in os.environ.items() if name != "G_DEBUG"}
        self.start(find_polkitd(), "--no-debug", environment=environment)
        root = self.person(0)
        wait_for(lambda: root.has_owner("org.freedesktop.PolicyKit1"), "polkit")

    def start(self, *command, environment=None):
        log = (HOME / f"daemon-{len(self.daemons)}.log").open("wb")
        daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        self.daemons.append(daemon)
        return daemon

    def person(self, uid):
        person = Person(uid)
        self.people.append(person)
        return person

    def end(self):
        if os.getpid() != _atexit_pid:
            return
        for person in self.people:
            person.leave()
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            daemon.wait(DEADLINE_S)


def become(uid):
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


class Refused(Exception):
    """The helper's answer: the name of an error without its prefix."""


class Person:
    """A user of the bus: a process with that uid and a connection of its own."""

    ends = []

    def __init__(self, uid):
        self.uid = uid
        self.socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for end in [self.socket, *self.ends]:
                    end.close()
                become(uid)
                Visitor(other).serve()
            finally:
                os._exit(0)
        other.close()
        self.ends.append(self.socket)
        self.socket.settimeout(DEADLINE_S)

    def ask(self, *command):
        self.socket.send(json.dumps(command).encode())
        data, fds, _flags, _address = socket.recv_fds(self.socket, 65536, 1)
        return json.loads(data), fds

    def has_owner(self, name):
        return self.ask("has_owner", name)[0]

    def pid_of(self, name):
        return self.ask("pid_of", name)[0]

    def call(self, method, signature, *values):
        """Any call with any arguments; the name of the error, or None."""
        return self.ask("call", method, signature, values)[0]

    def begin(self, pid, start, interactive=False):
        """Sends Attach and does not wait."""
        self.socket.send(json.dumps(["attach", [pid, start, interactive]]).encode())

    def finish_raw(self):
        """The session's socket as a descriptor, or Refused."""
        data, fds, _flags, _address = socket.recv_fds(self.socket, 65536, 1)
        error = json.loads(data)
        if error:
            raise Refused(error.removeprefix(ERROR))
        return fds[0]

    def finish(self):
        return Session(socket.socket(fileno=self.finish_raw()))

    def attach(self, pid, start=None, interactive=False):
        """A Session, or Refused."""
        self.begin(pid, start_time(pid) if start is None else start, interactive)
        return self.finish()

    def leave(self):
        if self.pid:
            self.socket.close()
            os.waitpid(self.pid, 0)
            self.pid = 0


class Visitor:
    """What runs in a Person's process."""

    def __init__(self, control):
        import gi  # pylint: disable=import-outside-toplevel

        gi.require_version("Gio", "2.0")
        from gi.repository import Gio, GLib  # pylint: disable=import-outside-toplevel

        self.gio, self.glib, self.control = Gio, GLib, control
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(f"unix:path={SOCKET}", flags, None, None)

    def serve(self):
        while data := self.control.recv(65536):
            name, *values = json.loads(data)
            answer, fds = getattr(self, name)(*values)
            socket.send_fds(self.control, [json.dumps(answer).encode()], fds)
            for fd in fds:
                os.close(fd)

    def ask_bus(self, method, name, kind):
        answer = self.bus.call_sync(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus",
            method,
            self.glib.Variant("(s)", (name,)),
            self.glib.VariantType(kind),
            0,
            -1,
            None,
        )
        return answer[0], []

    def has_owner(self, name):
        return self.ask_bus("NameHasOwner", name, "(b)")

    def pid_of(self, name):
        return self.ask_bus("GetConnectionUnixProcessID", name, "(u)")

    def send(self, method, arguments, flags=0):
        interface, method = method.rsplit(".", 1)
        return self.bus.call_with_unix_fd_list_sync(
            BUS_NAME, BUS_PATH, interface, method, arguments, None, flags, 2**31 - 1, None, None
        )

    def name_of(self, error):
        return self.gio.DBusError.get_remote_error(error) or str(error)

    def call(self, method, signature, values):
        try:
            values = [self.glib.Variant(*value) if isinstance(value, list) and value else value for value in values]
            self.send(method, self.glib.Variant(signature, tuple(values)))
        except self.glib.Error as error:
            return self.name_of(error), []
        return None, []

    def call_options(self, pid, start):
        options = {"path": self.glib.Variant("s", "/etc/shadow")}
        try:
            self.send(BUS_NAME + ".Attach", self.glib.Variant("(uta{sv})", (pid, start, options)))
        except self.glib.Error as error:
            return self.name_of(error), []
        return None, []

    def noise(self, seed, n_calls):
        """Calls of Attach with arguments of the wrong types; the errors that came back."""
        generator = random.Random(seed)
        types = {"y": 255, "n": -1, "q": 1, "i": -1, "u": 1, "x": -1, "t": 1, "d": 0.5, "s": "x", "b": True}
        errors = set()
        for _ in range(n_calls):
            letters = generator.choices(list(types), k=generator.randrange(0, 6))
            values = tuple(types[letter] for letter in letters)
            arguments = self.glib.Variant("(" + "".join(letters) + ")", values)
            try:
                self.send(BUS_NAME + ".Attach", arguments)
            except self.glib.Error as error:
                errors.add(self.name_of(error))
        return sorted(errors), []

    def own_name(self, name):
        try:
            self.bus.call_sync(
                "org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus",
                "RequestName",
                self.glib.Variant("(su)", (name, 4)),
                None,
                0,
                -1,
                None,
            )
        except self.glib.Error as error:
            return self.name_of(error), []
        return None, []

    def attach(self, arguments):
        pid, start, interactive = arguments
        flags = self.gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION if interactive else 0
        try:
            _, fds = self.send(BUS_NAME + ".Attach", self.glib.Variant("(uta{sv})", (pid, start, {})), flags)
        except self.glib.Error as error:
            return self.name_of(error), []
        return None, fds.steal_fds()


def refusal(function, *arguments, **options):
    """The name of the error that the helper answers with; None when it does what it is asked for."""
    try:
        session = function(*arguments, **options)
    except Refused as refused:
        return str(refused)
    session.close()
    return None


# ---------------------------------------------------------------------------- processes


def start_time(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def state_of(pid, tid=None):
    return pathlib.Path(f"/proc/{pid}/task/{tid or pid}/stat").read_text().rpartition(")")[2].split()[0]


def tracer_of(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("TracerPid:"):
            return int(line.split()[1])
    return 0


@contextlib.contextmanager
def program(source, uid, *prefix, command=None):
    """A running Python program that has said "ready"; ends with the block."""
    process = subprocess.Popen(
        [*prefix, *(command or [PYTHON, "-u", "-c", source])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: become(uid),
        cwd="/",
        text=True,
    )
    try:
        equal(process.stdout.readline(), "ready\n", "the program's first line")
        yield process
    finally:
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.wait()


SLEEPER = "import time; print('ready'); time.sleep(1000)"
# Counts on, and answers each line on its input with the count.
COUNTER = """
import threading
count = 0
def run():
    global count
    while True:
        count += 1
threading.Thread(target=run, daemon=True).start()
print('ready')
while input() is not None:
    print(count)
"""


def ask_count(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def runs_on(process):
    """The counter counts, nobody traces it."""
    first = ask_count(process)
    wait_for(lambda: ask_count(process) > first, "the program to run on")
    for tid in os.listdir(f"/proc/{process.pid}/task"):
        assert state_of(process.pid, tid) not in "tT", f"thread {tid} is stopped"
    wait_for(lambda: tracer_of(process.pid) == 0, "the tracer to be gone")


# ---------------------------------------------------------------------------- the session's socket

ATTACHED, FILE, SNAPSHOT, CALL, LINK = 1, 2, 3, 4, 5
OK, MALFORMED, GONE, DENIED, ABSENT, TIMEOUT, BUSY, FAILED = range(8)
REPLY = struct.Struct("=IIIiQII")
THREAD = struct.Struct("=IIII512s")
MAX_THREADS, MAX_RANGES, MAX_BYTES = 16, 1024, 8 << 20
LENGTHS_AT = MAX_THREADS * THREAD.size
BYTES_AT = LENGTHS_AT + 4 * MAX_RANGES + 16
ABSOLUTE = 0xFFFFFFFF
PATIENCE_US = 20000


class Session:
    """What Attach gives."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(DEADLINE_S)
        self.serial = 0
        reply, _rest, self.fds = self.receive()
        equal(reply["kind"], ATTACHED, "kind of the first packet")
        self.pid = reply["pid"]
        self.start_time = reply["start_time"]
        self.pidfd, self.mem, self.maps, self.task, self.copy, *self.exe = self.fds
        self.copied = mmap.mmap(self.copy, 0, prot=mmap.PROT_READ)

    def receive(self):
        ancillary = socket.CMSG_SPACE(8 * 4)
        data, messages, flags, _address = self.socket.recvmsg(1000, ancillary)
        if not data:
            raise EOFError
        equal(flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC), 0, "flags")
        fds = array.array("i")
        for _level, _kind, bytes_ in messages:
            fds.frombytes(bytes_)
        names = ("kind", "serial", "result", "error", "start_time", "pid", "processor")
        return dict(zip(names, REPLY.unpack_from(data))), data[REPLY.size :], list(fds)

    def request(self, kind, address=None, tids=(), ranges=(), n_tids=None, n_ranges=None):
        self.serial += 1
        if address is None:
            address = PATIENCE_US if kind == SNAPSHOT else 0
        tids = list(tids) + [0] * (MAX_THREADS - len(tids))
        text = struct.pack(
            "=IIQII16I",
            kind,
            self.serial,
            address,
            sum(tid != 0 for tid in tids) if n_tids is None else n_tids,
            len(ranges) if n_ranges is None else n_ranges,
            *tids,
        )
        for at, length, thread in ranges:
            text += struct.pack("=QII", at & (2**64 - 1), length, thread)
        return text

    def ask(self, *arguments, **options):
        """Sends a request and gives its reply."""
        self.socket.send(self.request(*arguments, **options))
        reply, rest, fds = self.receive()
        equal(reply["serial"], self.serial, "serial")
        return reply, rest, fds

    def file(self, address):
        """A descriptor, or the number of the result."""
        reply, rest, fds = self.ask(FILE, address)
        equal(rest, b"", "the rest")
        equal(len(fds), reply["result"] == OK, "descriptors")
        return (reply["result"], fds[0] if fds else None)

    def text(self, kind, number):
        """The result and what is said."""
        reply, rest, fds = self.ask(kind, number)
        equal((rest, fds), (b"", []), "the rest")
        if reply["result"] != OK:
            return reply["result"], ""
        (length,) = struct.unpack_from("=Q", self.copied, BYTES_AT - 8)
        return OK, self.copied[BYTES_AT : BYTES_AT + length].decode()

    def snapshot(self, tids, ranges=(), **options):
        """As snapshot_once(), again while a busy machine keeps a thread from stopping in time."""
        end = time.monotonic() + DEADLINE_S
        while True:
            answer = self.snapshot_once(tids, ranges, **options)
            is_late = answer[0] == BUSY or any(result == TIMEOUT for _tid, result, _registers in answer[1])
            if not is_late or time.monotonic() > end:
                return answer
            time.sleep(0.005)

    def snapshot_once(self, tids, ranges=(), patience_us=PATIENCE_US, **options):
        """The result, [(tid, result, registers)…], [bytes…]."""
        reply, rest, fds = self.ask(SNAPSHOT, patience_us, tids=tids, ranges=ranges, **options)
        equal(fds, [], "descriptors")
        equal(rest, b"", "the rest")
        if reply["result"] != OK:
            return reply["result"], [], []
        assert 0 <= reply["processor"] < os.cpu_count(), reply
        threads = []
        for i in range(len(tids)):
            tid, result, length, _reserved, registers = THREAD.unpack_from(self.copied, i * THREAD.size)
            threads.append((tid, result, registers[:length]))
        at = BYTES_AT
        pieces = []
        for length in struct.unpack_from(f"={len(ranges)}I", self.copied, LENGTHS_AT):
            pieces.append(self.copied[at : at + length])
            at += length
        return OK, threads, pieces

    def close(self):
        self.socket.close()
        self.copied.close()
        for fd in self.fds:
            os.close(fd)
        self.fds = []


def mappings(fd):
    """(start, end, permissions, path) of each line of /proc/PID/maps, which comes a page at a time."""
    text = b""
    while more := os.pread(fd, 65536, len(text)):
        text += more
    for line in text.decode().splitlines():
        span, permissions, *_rest = line.split()
        start, end = (int(number, 16) for number in span.split("-"))
        yield start, end, permissions, " ".join(line.split()[5:])
