#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copies an interpreter, and its library if it has one, into a folder; prints its PYTHONHOME.
#
# Usage: copy-python.sh INTERPRETER FOLDER
set -e
program=$("$1" -c 'import os, sys; print(os.path.realpath(sys.executable))')
cp "$program" "$2/python"
library=$(ldd "$program" | sed -n 's/.*libpython.* => \([^ ]*\) .*/\1/p')
[ -z "$library" ] || cp "$library" "$2/"
"$1" -c 'import sys; print(getattr(sys, "base_prefix", sys.prefix))'
