# cython: language_level=3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Cython module whose stack is known: burn → Engine.run → spin. See extension.py."""


cdef double spin (long n):
    cdef double total = 0
    cdef long i
    for i in range (n):
        total += 1.0 / (i + 1)
    return total


cdef class Engine:
    def run (self, long n):
        return spin (n)


def burn (n):
    return Engine ().run (n)
