# SPDX-License-Identifier: GPL-3.0-or-later
"""Attaching to another user's process by keyboard: a lock, a password, the recording; and refusals.

The bus, polkit and the users are those of the helper's own tests. Root makes them and runs this file again as
Alice, with a display of hers. What asks for the password is polkit's text agent on a terminal, registered for
the window's process: to polkit and to the window it is what a desktop has."""

import contextlib
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import termios
import time

FOLDER = pathlib.Path(__file__).parent
PREY = """
def churn(n):
    return sum(i * i for i in range(n))
print('ready')
while True:
    churn(10000)
"""
# Ends with the shell that started it.
LAUNCHED = """
import os, time
above = os.getppid()
print('ready')
while os.getppid() == above:
    time.sleep(0.1)
"""


# ---------------------------------------------------------------------------- as root


def main():
    sys.path.insert(0, str(FOLDER.parent / "recorder/helper"))
    import world

    for program in ("openssl", "openbox", "pkttyagent", "xdotool", "xvfb-run"):
        if shutil.which(program) is None:
            world.skip_all(f"needs {program}")
    world.World(
        f"""
  if (action.id != "{world.ANY}" || subject.user != "salamander-alice") return undefined;
  if (action.lookup("user") == "salamander-bob") return polkit.Result.AUTH_SELF;
  return polkit.Result.NO;
"""
    )
    build = world.HOME / "build"
    for name in ("app/window/salamander", "recorder/command/salamander-recorder", "data/gschemas.compiled"):
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(world.BUILD / name, build / name)
    for name in ("ui/harness.py", "ui/test-password.py", "headless.sh", "lsan.supp"):
        (world.HOME / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER.parent / name, world.HOME / "tests" / name)
    home = world.HOME / "alice"
    home.mkdir()
    os.chown(home, world.ALICE, world.ALICE)
    launcher = ["sh", "-c", f'{world.PYTHON} -u -c "$0"; true', LAUNCHED, "prey-launcher"]
    with (
        world.program(PREY, world.BOB) as bob,
        world.program(PREY, 65534) as nobody,
        world.program(None, world.BOB, command=launcher),
    ):
        done = subprocess.run(
            ["sh", world.HOME / "tests/headless.sh", world.PYTHON, world.HOME / "tests/ui/test-password.py"],
            env={
                "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
                "HOME": str(home),
                "LC_ALL": "C.UTF-8",
                "GTK_A11Y": "atspi",
                "SALAMANDER": str(build / "app/window/salamander"),
                "SALAMANDER_RECORDER": str(build / "recorder/command/salamander-recorder"),
                "SALAMANDER_SHOTS": str(home / "shots"),
                "PASSWORD": world.PASSWORD,
                "BOB": str(bob.pid),
                "NOBODY": str(nobody.pid),
            },
            cwd=home,
            preexec_fn=lambda: world.become(world.ALICE),
        )
    if (home / "shots").exists() and "SALAMANDER_SHOTS" in os.environ:
        shutil.copytree(home / "shots", os.environ["SALAMANDER_SHOTS"], dirs_exist_ok=True)
    sys.exit(done.returncode)


# ---------------------------------------------------------------------------- as Alice


@contextlib.contextmanager
def agent(process):
    """Polkit's text agent for a process; yields its terminal."""
    ours, notice = os.pipe()
    os.set_inheritable(notice, True)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("pkttyagent", ["pkttyagent", "--process", str(process.pid), "--notify-fd", str(notice)])
    os.close(notice)
    os.read(ours, 1)  # ends when it is registered
    os.close(ours)
    try:
        yield terminal
    finally:
        os.close(terminal)
        os.kill(pid, 15)
        os.waitpid(pid, 0)


def answer(terminal, password):
    """Waits for the question and answers it; what was asked."""
    text = ""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            text += os.read(terminal, 4096).decode(errors="replace")
        # What is typed before the echo is off, the agent throws away.
        if "Password:" in text and not termios.tcgetattr(terminal)[3] & termios.ECHO:
            time.sleep(2)  # as long as a person takes: the window looks for news each second
            os.write(terminal, password.encode() + b"\n")
            return text
    raise AssertionError(f"no question: {text}")


def choose(app, pid):
    """Attach ▸ a process that needs a password."""
    app.find("button", "Record a Program…")
    app.press("ctrl+shift+l")
    app.await_title("Attach to a Process")
    app.type(pid)
    app.find("label", contains=f"(process {pid}) can be recorded after you have given a password.")
    app.press("Return")


def refused(app, *parts):
    """One sentence says why; nothing was recorded, and the window is as it was."""
    label = app.find("label", contains=parts[0])
    text = harness.name_of(label)
    assert all(part in text for part in parts), text
    assert text.count(".") == 1 and text.endswith("."), text
    assert harness.samples(app) == 0, app.dump()
    assert app.title() == "Salamander", app.title()
    app.find("button", "Attach to a Process…")


def test_a_password_opens_another_users_process(world):
    pid = os.environ["BOB"]
    app = harness.App(world)
    with agent(app.process) as terminal:
        choose(app, pid)
        text = answer(terminal, os.environ["PASSWORD"])
        assert f"process {pid}" in text and "of user salamander-bob" in text, text
        harness.wait_growing(app)
        app.press("ctrl+period")
        harness.wait("the end", lambda: "not saved" in app.title())
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    assert "TracerPid:\t0" in status and "State:\tT" not in status, status


def test_a_wrong_password_is_one_sentence(world):
    app = harness.App(world)
    with agent(app.process) as terminal:
        choose(app, os.environ["BOB"])
        answer(terminal, "wrong")
        refused(app, f"process {os.environ['BOB']}", "password")
    # Then it is asked for again.
    with agent(app.process) as terminal:
        choose(app, os.environ["BOB"])
        answer(terminal, os.environ["PASSWORD"])
        harness.wait("samples", lambda: harness.samples(app))


def test_nobody_to_ask_is_one_sentence(world):
    app = harness.App(world)
    choose(app, os.environ["BOB"])
    refused(app, f"process {os.environ['BOB']}", "nothing is here to ask for it")


def test_a_refusal_is_one_sentence(world):
    app = harness.App(world)
    choose(app, os.environ["NOBODY"])
    refused(app, f"process {os.environ['NOBODY']}", "polkit")


def test_a_launcher_leads_to_a_program_that_cannot_be_recorded(world):
    # Without the bus there is no helper, and Bob's program is out of reach: the line says so of it, not of what
    # started it.
    app = harness.App(world, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")
    app.find("button", "Attach to a Process…")
    app.press("ctrl+shift+l")
    app.await_title("Attach to a Process")
    app.type("prey-launcher")
    app.find("label", contains="it belongs to the user “salamander-bob”")


if os.getuid() == 0:
    main()
import harness  # noqa: E402 - it needs the display that Alice has

harness.run(
    test_a_password_opens_another_users_process,
    test_a_wrong_password_is_one_sentence,
    test_nobody_to_ask_is_one_sentence,
    test_a_refusal_is_one_sentence,
    test_a_launcher_leads_to_a_program_that_cannot_be_recorded,
)
