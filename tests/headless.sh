#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a program that needs a display: "headless.sh PROGRAM [ARGUMENT…]" with a session bus and an X server of its own.
# GTK_A11Y is "test" unless the caller sets it, so that gtk_test_accessible_assert_* works without a registry.
set -eu

for tool in dbus-run-session xvfb-run; do
  command -v "$tool" >/dev/null || { echo "Bail out! $tool is not installed"; exit 99; }
done

# Without GL: its drivers are loaded, leak and are unloaded again. The names are GTK 4.8's and 4.16's.
export GDK_BACKEND=x11 GSK_RENDERER=cairo GDK_DEBUG=gl-disable GDK_DISABLE=gl,vulkan
export GTK_A11Y="${GTK_A11Y:-test}"
# Fontconfig keeps its caches until the end.
export LSAN_OPTIONS="suppressions=$(dirname "$0")/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
unset WAYLAND_DISPLAY DISPLAY
# The accessibility bus listens in XDG_RUNTIME_DIR under a name made of the display's number alone.
XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR
trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
# Only the program itself writes to the standard output: services that the bus starts print there, too.
dbus-run-session -- sh -c '
  exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1200x24 -nolisten tcp" "$@" >&3 3>&-
' sh "$@" 3>&1 >&2
