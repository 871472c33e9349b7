#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the newest Pythons of Debian available to the tests: Debian sid in a root folder of its own,
# and programs that run its interpreters there. Quick when it has been done before.
#
#   tests/pythons.sh [FOLDER]      (the default is /var/lib/salamander-tests)
#
# FOLDER/bin/python3.N runs that interpreter with FOLDER/sid as its root, in a mount name space of its own
# in which the folder of its script is where it is outside.
#
# Debian has free-threaded Pythons as source only: FOLDER/bin/python3.14t is built from its python3.14,
# or where the mirror lacks that, python3.13t from its python3.13, which takes some minutes, once. Where
# it has neither, FOLDER/no-free-threaded says so instead.
set -u
folder=${1:-/var/lib/salamander-tests}
root=$folder/sid
programs='python3.13 python3.14 python3.15 python3.14-dbg'
free_threaded='python3.14 python3.13'
mirror=http://deb.debian.org/debian
source_root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

. "$source_root/app/setup.sh"

fetch ()
{
  packages=$(echo $programs | tr ' ' ',')
  say "Fetching Debian sid with $programs into $root; this takes some minutes, once."
  # The suite's Release file may be past its date where the mirror is a snapshot.
  $as_root rm -rf "$root.part"
  $as_root mkdir -p "$folder/bin"
  $as_root debootstrap --variant=minbase --include="$packages" sid "$root.part" "$mirror" >"$log" 2>&1 || {
    tail -n 10 "$log" >&2
    fail "Debian sid could not be fetched; the lines above are debootstrap's."
  }
  $as_root rm -rf "$root.part/var/cache/apt/archives" "$root"
  $as_root mv "$root.part" "$root"
}

# The program that runs $1 there. What mounting needs is undone with the name space.
write_program ()
{
  cat <<END
#!/bin/sh
# Written by tests/pythons.sh.
for word; do
  case \$word in
    /*) [ -e "\$word" ] && place=\$(dirname -- "\$word") && break ;;
  esac
done
export place
exec unshare --mount \$([ "\$(id -u)" -eq 0 ] || echo --map-root-user) sh -c '
  if [ -n "\$place" ]; then
    mkdir -p "$root\$place" && mount --bind "\$place" "$root\$place" || exit 127
  fi
  unset place
  mount --rbind /proc "$root/proc" || exit 127
  exec /usr/sbin/chroot "$root" "/usr/bin/\$0" "\$@"' "$1" "\$@"
END
}

# Debian's source of the first of $free_threaded that can be had, unpacked here; $source is which.
# An index may name versions whose files a mirror does not have, and others that it does. apt checks
# that they are Debian's.
fetch_source ()
{
  mkdir -p lists/partial archives/partial &&
    cat >apt.conf <<END &&
Dir::Etc::SourceList "$PWD/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::Lists "$PWD/lists";
Dir::Cache "$PWD";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::http::Timeout "20";
END
    echo "deb-src [signed-by=$root/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >sources.list &&
    APT_CONFIG=$PWD/apt.conf apt-get -q update || return 1
  for source in $free_threaded; do
    for version in $(APT_CONFIG=$PWD/apt.conf apt-cache showsrc "$source" |
      sed -n 's/^Version: //p' | sort -ruV); do
      APT_CONFIG=$PWD/apt.conf apt-get -q source --download-only "$source=$version" &&
        tar -xf "$source"_*.orig.tar.* --strip-components=1 && return 0
    done
  done
  return 1
}

# What the tests do not use is left out, and the interpreter is not optimised as far as it could be:
# it has to be right, not fast.
compile_free_threaded ()
{
  for module in _bz2 _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _curses \
    _curses_panel _dbm _decimal _elementtree _gdbm _hashlib _lzma _sqlite3 _ssl _tkinter _uuid \
    pyexpat readline; do
    export "py_cv_module_$module=n/a"
  done
  ./configure --prefix="$folder/free-threaded" --disable-gil --without-ensurepip --disable-test-modules \
    OPT='-DNDEBUG -fwrapv -O1' &&
    nice make -j2 &&
    make altinstall
}

# Runs as root, in a folder of its own.
build_free_threaded ()
{
  start=$(date +%s)
  say "Building a free-threaded Python in $folder; this takes some minutes, once."
  mkdir -p "$folder/source.part" && cd "$folder/source.part" || return 1
  rm -f "$folder/no-free-threaded"
  if ! fetch_source >"$log" 2>&1; then
    grep -E '^E:' "$log" | tail -n 3 >&2
    echo "$mirror has no source of $free_threaded" | tee "$folder/no-free-threaded" >&2
  elif ! compile_free_threaded >"$log" 2>&1; then
    tail -n 10 "$log" >&2
    fail "A free-threaded Python could not be built; the lines above are the last of its build."
  else
    ln -sf "../free-threaded/bin/${source}t" "$folder/bin/${source}t"
    say "That took $(($(date +%s) - start)) seconds."
  fi
  cd / && rm -rf "$folder/source.part"
}

if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null; then
  as_root=sudo
else
  fail "The newest Pythons are missing and can be fetched by root only: run $0 as root."
fi
for program in $programs; do
  [ -x "$root/usr/bin/$program" ] || {
    fetch
    break
  }
done
for program in $programs; do
  write_program "$program" >"$log"
  cmp -s "$log" "$folder/bin/$program" || $as_root install -m 755 "$log" "$folder/bin/$program"
done
has_free_threaded=
for program in $free_threaded; do
  [ ! -x "$folder/bin/${program}t" ] || has_free_threaded=yes
done
# A mirror that had no source a while ago is not asked each time.
if [ -z "$has_free_threaded$(find "$folder/no-free-threaded" -mtime -1 2>/dev/null)" ]; then
  if [ -z "$as_root" ]; then
    build_free_threaded
  else
    exec $as_root sh "$0" "$folder"
  fi
fi
