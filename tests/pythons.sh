#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the newest Pythons of Debian available to the tests: Debian sid in a root folder of its own,
# and programs that run its interpreters there. Quick when it has been done before.
#
#   tests/pythons.sh [FOLDER]      (the default is /var/lib/salamander-tests)
#
# FOLDER/bin/python3.N runs that interpreter with FOLDER/sid as its root, in a mount name space of its own
# in which the folder of its script is where it is outside.
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
