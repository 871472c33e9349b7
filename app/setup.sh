# SPDX-License-Identifier: GPL-3.0-or-later
# Shell functions that app/run and tests/run share: install what is missing, build. Sourced, POSIX sh.

say ()
{
  printf '%s\n' "$*" >&2
}

fail ()
{
  say "$*"
  exit 1
}

# Installs the Debian packages listed in the files given, where they are missing.
install_packages ()
{
  missing=$(
    cat "$@" | sed -e 's/#.*//' -e '/^[[:space:]]*$/d' | while read -r package; do
      dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
        printf '%s ' "$package"
    done
  )
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null ||
    fail "Salamander needs what Debian calls: $missing. Install these with your system's package manager, then run this again."
  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null; then
    as_root=sudo
  else
    fail "These packages are missing: $missing. Install them as root (apt-get install $missing), then run this again."
  fi
  say "Installing: $missing"
  # shellcheck disable=SC2086
  {
    $as_root apt-get -qq update &&
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing
  } >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail "The packages could not be installed; the lines above are apt's."
  }
}

# configure FOLDER MESON-OPTIONS…: makes a build folder where there is none, quietly unless it fails.
configure ()
{
  folder=$1
  shift
  if [ ! -f "$folder/build.ninja" ]; then
    say "Building Salamander in $folder; the first time takes about a minute."
    meson setup "$folder" "$source_root" "$@" >"$log" 2>&1 || {
      cat "$log" >&2
      fail "The build could not be set up; the lines above say why."
    }
  fi
}

# build FOLDER MESON-OPTIONS…: configures and builds, quietly unless it fails.
build ()
{
  configure "$@"
  ninja -C "$folder" >"$log" 2>&1 || {
    tail -n 60 "$log" >&2
    fail "The build failed; the lines above say where."
  }
}
