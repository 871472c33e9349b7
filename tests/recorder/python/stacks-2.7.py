# -*- coding: utf-8 -*-
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stacks.py is, for Python 2.7.

Usage: stacks-2.7.py KIND
"""

from __future__ import print_function

import functools
import gc
import sys
import threading
import time
import types

lines = []


def bases_of(kind):
    if isinstance(kind, type):
        return kind.__mro__
    return [kind] + [base for direct in kind.__bases__ for base in bases_of(direct)]


def qualify(frame):
    """The name that the recorder gives: by the first argument, if it is called self or cls."""
    code = frame.f_code
    if not code.co_argcount or code.co_varnames[0] not in ("self", "cls"):
        return code.co_name
    first = frame.f_locals[code.co_varnames[0]]
    is_class = isinstance(first, (type, types.ClassType))
    kind = first if is_class else getattr(first, "__class__", type(first))
    for base in bases_of(kind):
        for name in (code.co_name, "_" + base.__name__.lstrip("_") + code.co_name):
            value = base.__dict__.get(name)
            for attribute in (None, "__func__", "fget"):
                function = getattr(value, attribute, None) if attribute else value
                if getattr(function, "__code__", None) is code:
                    return base.__name__ + "." + code.co_name
    return kind.__name__ + "." + code.co_name


def stop():
    frame = sys._getframe(1)
    stack = []
    while frame is not None:
        stack.append("%d %s" % (frame.f_lineno, qualify(frame)))
        frame = frame.f_back
    name = threading.current_thread().name
    name = name.encode("utf-8") if isinstance(name, unicode) else name
    lines.append("thread %s %d" % (name, len(stack)))
    lines.extend(reversed(stack))
    if name == "MainThread":
        print("\n".join(lines + ["ready"]))
        sys.stdout.flush()
    while True:
        time.sleep(1000)


def nested(
    argument,
):
    def inside():
        return (
            1,
            stop(),
        )

    return inside()


def recursion(depth):
    if depth:
        recursion(depth - 1)
    stop()


def generators():
    def first():
        for item in second():
            yield item

    def second():
        yield stop()

    for _ in first():
        pass


def exceptions():
    try:
        raise ValueError
    except ValueError:
        try:
            raise KeyError
        finally:
            stop()


def callbacks():
    class Number(object):
        def __init__(self, value):
            self.value = functools.reduce(lambda _, __: self.compare(value), [1, 2])

        def compare(self, value):
            return sorted([1, 2], key=self.key)

        def key(self, _):
            return max([self, self], key=lambda _: self.property)

        @property
        def property(self):
            return self[1:2]

        def __getitem__(self, item):
            return map(self.__call__, [1])

        def __call__(self, _):
            stop()

    Number(1)


def methods():
    class Old:
        def __init__(self):
            self.__private()

        def __private(self):
            self.captured()

        def captured(self):
            return (lambda: self.made())()

        @classmethod
        def made(cls):
            New()

    class Older(Old):
        pass

    class New(object):
        def __init__(self):
            self.make()

        @classmethod
        def make(cls):
            stop()

    Older()


def comprehensions():
    return {key: [value for value in (lambda: (stop(), 1))()] for key in [1]}


def class_body():
    class Body:
        value = [stop() for _ in range(1)]


def executed():
    exec("def made():\n\n    stop()\n\nmade()", {"stop": stop})


def destructor():
    class Dying(object):
        def __del__(self):
            stop()

    def hold():
        dying = Dying()
        dying.self = 1

    hold()


def with_threads():
    for target, name in ((nested, "n\xc3\xa4me"), (recursion, "x" * 100), (nested, u"\xfcnicode")):
        thread = threading.Thread(target=target, args=(3,))
        thread.daemon = True
        thread._Thread__name = name
        thread.start()
    while sum(line.startswith("thread") for line in lines) < 3:
        time.sleep(0.01)
    stop()


def deep():
    sys.setrecursionlimit(20000)
    recursion(10000)


def through_c():
    def down(depth):
        if depth:
            map(down, [depth - 1])
        else:
            stop()

    down(50)


def collecting():
    junk = [[] for _ in range(300000)]
    for item in junk:
        item.append(junk)
    print("ready")
    sys.stdout.flush()
    while True:
        gc.collect()


def busy():
    thread = threading.Thread(target=lambda: time.sleep(1000))
    thread.daemon = True
    thread.start()
    print("ready")
    sys.stdout.flush()
    while True:
        pass


def comers():
    """Threads that live for a moment."""

    def come(depth):
        if depth:
            come(depth - 1)
        else:
            time.sleep(0.001)

    print("ready")
    sys.stdout.flush()
    while True:
        threads = [threading.Thread(target=come, args=(depth,)) for depth in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def reused():
    """Code objects that live for a moment, at addresses used again and again."""
    print("ready")
    sys.stdout.flush()
    number = 0
    while True:
        number += 1
        inner = "def inner_%d():\n for _ in range(300): pass\n" % number
        outer = "def outer_%d():\n inner_%d()\n" % (number, number)
        exec(inner + outer + "outer_%d()" % number, {})


if __name__ == "__main__":
    globals()[sys.argv[1]](*([0] if sys.argv[1] == "nested" else [20] if sys.argv[1] == "recursion" else []))
