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
# Debian has free-threaded Pythons as source only: FOLDER/bin/python3.14t is built from its python3.14, which
# takes some minutes, once. Where a mirror has no source packages, FOLDER/no-python3.14t says so instead.
set -u
folder=${1:-/var/lib/salamander-tests}
root=$folder/sid
programs='python3.13 python3.14 python3.15 python3.14-dbg'
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

# Debian's source of python3.14, unpacked here. apt checks that it is Debian's.
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
    APT_CONFIG=$PWD/apt.conf apt-get -q update &&
    APT_CONFIG=$PWD/apt.conf apt-get -q source --download-only python3.14 &&
    tar -xf python3.14_*.orig.tar.* --strip-components=1
}

# What the tests do not use is left out.
compile_free_threaded ()
{
  for module in _decimal _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw \
    _elementtree pyexpat; do
    export "py_cv_module_$module=n/a"
  done
  ./configure --prefix="$folder/free-threaded" --disable-gil --without-ensurepip --disable-test-modules \
    OPT='-DNDEBUG -fwrapv -O2' &&
    nice make -j2 &&
    make altinstall
}

# Runs as root, in a folder of its own.
build_free_threaded ()
{
  start=$(date +%s)
  say "Building a free-threaded Python 3.14 in $folder; this takes some minutes, once."
  mkdir -p "$folder/source.part" && cd "$folder/source.part" || return 1
  rm -f "$folder/no-python3.14t"
  if ! fetch_source >"$log" 2>&1; then
    grep -E '^E:' "$log" | tail -n 3 >&2
    echo "$mirror has no source of python3.14" | tee "$folder/no-python3.14t" >&2
  elif ! compile_free_threaded >"$log" 2>&1; then
    tail -n 10 "$log" >&2
    fail "A free-threaded Python could not be built; the lines above are the last of its build."
  else
    ln -sf ../free-threaded/bin/python3.14t "$folder/bin/python3.14t"
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
# A mirror that had no source a while ago is not asked each time.
if [ ! -x "$folder/bin/python3.14t" ] && [ -z "$(find "$folder/no-python3.14t" -mtime -1 2>/dev/null)" ]; then
  if [ -z "$as_root" ]; then
    build_free_threaded
  else
    exec $as_root sh "$0" "$folder"
  fi
fi
