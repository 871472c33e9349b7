# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands still in a stack of a known kind and says what the interpreter itself calls it.

Usage: stacks.py KIND

For each thread that stands still: a line "thread NAME COUNT", then COUNT lines "LINE NAME" of its
stack, outermost first, up to the function that calls stop(). The last line is "ready".
"""

import asyncio
import functools
import sys
import threading
import time

lines = []


def find_function(base, code):
    """The function with this code among what a class has under its name."""
    names = (code.co_name, "_" + base.__name__.lstrip("_") + code.co_name)
    for value in (vars(base).get(name) for name in names):
        for attribute in (None, "__func__", "fget", "fset", "fdel"):
            function = getattr(value, attribute, None) if attribute else value
            if getattr(function, "__code__", None) is code:
                return function
    return None


def qualify(frame):
    """The name that the recorder gives: up to 3.10 by the first argument, if it is called self or cls."""
    code = frame.f_code
    if hasattr(code, "co_qualname"):
        return code.co_qualname
    if not code.co_argcount or code.co_varnames[0] not in ("self", "cls"):
        return code.co_name
    first = frame.f_locals[code.co_varnames[0]]
    for kind in [first, type(first)] if isinstance(first, type) else [type(first)]:
        for base in kind.__mro__:
            function = find_function(base, code)
            if function:
                return function.__qualname__
    return (first if isinstance(first, type) else type(first)).__name__ + "." + code.co_name


def stop():
    frame = sys._getframe(1)
    stack = []
    while frame is not None:
        stack.append(f"{frame.f_lineno} {qualify(frame)}")
        frame = frame.f_back
    lines.append(f"thread {threading.current_thread().name} {len(stack)}")
    lines.extend(reversed(stack))
    if threading.current_thread() is threading.main_thread():
        print("\n".join(lines + ["ready"]), flush=True)
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
        yield 1
        yield from second()

    def second():
        for item in third():
            yield item

    def third():
        yield stop()

    for _ in first():
        pass


def coroutines():
    class Awaitable:
        def __await__(self):
            yield stop()

    async def outer():
        async with Manager():
            await middle()

    async def middle():
        async for _ in items():
            await inner()

    async def items():
        yield 1

    async def inner():
        await Awaitable()

    class Manager:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            pass

    asyncio.get_event_loop_policy().new_event_loop().run_until_complete(outer())


def exceptions():
    try:
        raise ValueError
    except ValueError:
        try:
            raise KeyError
        finally:
            stop()


def callbacks():
    class Number:
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
            return [*map(self.__call__, [1])]

        def __call__(self, _):
            stop()

    Number(1)


def comprehensions():
    return {key: [value for value in (lambda: (stop(), 1))()] for key in [1]}


def class_body():
    class Body:
        value = [stop() for _ in range(1)]


def executed():
    exec("def made():\n\n    stop()\n\nmade()", {"stop": stop})


def decorated():
    @functools.lru_cache()
    def cached(_):
        stop()

    cached(1)


def methods():
    class Base:
        def __init__(self):
            self.__private()

        def __private(self):
            self.make()

        @classmethod
        def make(cls):
            cls.captured(cls)

        def captured(self):
            return (lambda: (self, self.of_meta))()[1]

    def wrap(function):
        return lambda *arguments: function(*arguments)

    class Meta(type):
        @property
        def of_meta(cls):
            return cls.decorated(cls.__new__(cls))

    class Derived(Base, metaclass=Meta):
        @wrap
        def decorated(self):
            del self
            self = Later()
            self()

    class Later:
        def __call__(self):
            stop()

    Derived()


def destructor():
    class Dying:
        def __del__(self):
            stop()

    def hold():
        dying = Dying()
        dying.self = 1

    hold()


def unicode_names():
    def größe_名前():
        stop()

    größe_名前()


def with_threads():
    for target, name in ((nested, "näme"), (recursion, "x" * 100)):
        threading.Thread(target=target, args=(3,), name=name, daemon=True).start()
    while sum(line.startswith("thread") for line in lines) < 2:
        time.sleep(0.01)
    stop()


def deep():
    sys.setrecursionlimit(20000)
    recursion(10000)


def through_c():
    def down(depth):
        if depth:
            list(map(down, [depth - 1]))
        else:
            stop()

    down(50)


def collecting():
    junk = [[] for _ in range(300000)]
    for item in junk:
        item.append(junk)
    print("ready", flush=True)
    import gc

    while True:
        gc.collect()


def collecting_among():
    def spin():
        while True:
            pass

    threading.Thread(target=spin, name="spinner", daemon=True).start()
    collecting()


def busy():
    threading.Thread(target=lambda: time.sleep(1000), daemon=True).start()
    print("ready", flush=True)
    while True:
        pass


def comers():
    """Threads that live for a moment."""

    def come(depth):
        if depth:
            come(depth - 1)
        else:
            time.sleep(0.001)

    print("ready", flush=True)
    while True:
        threads = [threading.Thread(target=come, args=(depth,)) for depth in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def reused():
    """Code objects that live for a moment, at addresses used again and again."""
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        inner = f"def inner_{number}():\n for _ in range(300): pass\n"
        outer = f"def outer_{number}():\n inner_{number}()\n"
        exec(inner + outer + f"outer_{number}()", {})


def outgrown():
    """A function whose code object came to the address of one with fewer instructions, for ever."""
    print("ready", flush=True)
    sizes = {}
    number = 0
    while True:
        number += 1
        size = number * 37 % 200
        scope = {}
        padding = " x = 1\n" * size
        exec(f"def loop(clock, end):\n{padding} while clock() < end:\n  pass\n", scope)
        loop = scope["loop"]
        shorter = sizes.get(id(loop.__code__), size)
        sizes[id(loop.__code__)] = size
        if size > shorter + 40:
            forever(loop)
        loop(time.monotonic, time.monotonic() + 0.005)


def forever(loop):
    loop(time.monotonic, float("inf"))


if __name__ == "__main__":
    globals()[sys.argv[1]](*([0] if sys.argv[1] == "nested" else [20] if sys.argv[1] == "recursion" else []))
