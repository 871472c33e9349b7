# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that has its workers before it has work, as Gunicorn and others do: prefork.py SOCKET

The master listens on the file SOCKET, starts two workers and another for each that ends. A worker
has one connection at a time: it works for each line that it gets, and answers with its process id
and the master's.
"""
import os
import signal
import socket
import sys
import time


def handle_request(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def run_worker(listener):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rw") as file:
            for line in file:
                handle_request(float(line))
                file.write(f"{os.getpid()} {os.getppid()}\n")
                file.flush()


def start_worker(listener):
    pid = os.fork()
    if pid == 0:
        run_worker(listener)
    return pid


def end_workers(*_):
    for pid in workers:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    os._exit(0)


def supervise(listener):
    while True:
        workers.remove(os.wait()[0])
        workers.add(start_worker(listener))


if __name__ == "__main__":
    master = socket.socket(socket.AF_UNIX)
    master.bind(sys.argv[1])
    master.listen()
    workers = {start_worker(master), start_worker(master)}
    signal.signal(signal.SIGTERM, end_workers)
    supervise(master)
