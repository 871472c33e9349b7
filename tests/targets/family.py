# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of several processes: family.py spawn|fork|forkserver|mixed|brief|daemon|unaware|wait|chosen"""
import ctypes
import errno
import multiprocessing
import os
import signal
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
    """Has a child, says so, and makes another when it is told to; that one is dead for a while before it
    is waited for."""
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
    work(3.5)
    os.wait()
    os.wait()


def start_chosen():
    """A child with a number below its parent's, as of a program that was restored: clone3(2). It
    works until the flag is gone. Exits with 77 where none may be chosen."""
    flag = sys.argv[2]
    libc = ctypes.PyDLL(None, use_errno=True)
    clone3 = 435
    for number in range(os.getpid() - 1, 1, -1):
        chosen = ctypes.c_int(number)
        # flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid and
        # set_tid_size: the second version of struct clone_args.
        args = (ctypes.c_uint64 * 10)(0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0,
                                      ctypes.addressof(chosen), 1)
        ctypes.pythonapi.PyOS_BeforeFork()
        pid = libc.syscall(clone3, args, ctypes.c_size_t(ctypes.sizeof(args)))
        if pid == 0:
            ctypes.pythonapi.PyOS_AfterFork_Child()
            while os.path.exists(flag):
                child_work(0.01)
            os._exit(0)
        ctypes.pythonapi.PyOS_AfterFork_Parent()
        if pid > 0:
            os.waitpid(pid, 0)
            return
        if ctypes.get_errno() != errno.EEXIST:
            break
    sys.exit(77)


if __name__ == "__main__":
    mode = sys.argv[1]
    if mode in ("spawn", "fork", "forkserver"):
        start_children(mode)
    else:
        {"mixed": start_mixed, "brief": start_brief, "daemon": start_daemon,
         "unaware": start_unaware, "wait": wait_and_fork, "chosen": start_chosen}[mode]()
