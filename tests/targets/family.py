# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of several processes: family.py spawn|fork|forkserver|mixed|brief|daemon|unaware|wait"""
import ctypes
import multiprocessing
import os
import subprocess
import sys
import time


def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def child_work(seconds):
    work(seconds)


def daemon_work(seconds):
    work(seconds)


def start_children(method):
    context = multiprocessing.get_context(method)
    children = [context.Process(target=child_work, args=(0.4,)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()


def start_mixed():
    """A program that is not Python, and a Python grandchild behind a shell."""
    code = "def grandchild_work():\n import time\n end = time.monotonic() + 0.4\n" \
           " while time.monotonic() < end: pass\ngrandchild_work()"
    sleeper = subprocess.Popen(["sleep", "0.4"])
    subprocess.run(["sh", "-c", "\"$0\" -c \"$1\"; true", sys.executable, code], check=True)
    sleeper.wait()


def start_brief():
    """Ten Pythons, one after another, of which each computes for 20 ms."""
    code = "import time\nend = time.monotonic() + 0.02\nwhile time.monotonic() < end: pass"
    for _ in range(10):
        subprocess.run([sys.executable, "-I", "-S", "-c", code, "brief"], check=True)


def start_daemon():
    """A daemon as of old: two forks, a session of its own, the program gone before it works."""
    if os.fork() > 0:
        os.wait()
        return
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    while os.getppid() == os.getsid(0):
        time.sleep(0.001)
    daemon_work(0.6)
    os._exit(0)


def start_unaware():
    """A child that Python is not told of, as hosts written in C have them."""
    if ctypes.PyDLL(None).fork() == 0:
        child_work(1)
        os._exit(0)
    os.wait()


def wait_and_fork():
    """Has a child, says so, and makes another when it is told to; both end when the input does."""
    def child():
        for _ in iter(lambda: time.sleep(0.01), 1):
            if os.getppid() == 1 or not os.path.exists(flag):
                os._exit(0)
            child_work(0.001)

    flag = sys.argv[2]
    if os.fork() == 0:
        child()
    print("ready", flush=True)
    sys.stdin.readline()
    if os.fork() == 0:
        daemon_work(0.5)
        os._exit(0)
    os.wait()
    os.wait()


if __name__ == "__main__":
    mode = sys.argv[1]
    if mode in ("spawn", "fork", "forkserver"):
        start_children(mode)
    else:
        {"mixed": start_mixed, "brief": start_brief, "daemon": start_daemon,
         "unaware": start_unaware, "wait": wait_and_fork}[mode]()
