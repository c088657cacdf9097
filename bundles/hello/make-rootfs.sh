#!/bin/sh
# Makes rootfs.tar (or the file given): the hello program, and where config.json mounts things.
set -eu
cd "$(dirname "$0")"
out=${1:-rootfs.tar}

cc=${CC:-cc}
if ! command -v "$cc" >/dev/null 2>&1; then
	echo "bundles/hello needs a C compiler: apt-get install gcc libc6-dev" >&2
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/dev" "$work/proc" "$work/sys" "$work/tmp"
chmod 1777 "$work/tmp"
if ! "$cc" -static -Os -Wall -Wextra -o "$work/bin/hello" hello.c; then
	echo "bundles/hello needs a static C library: apt-get install libc6-dev" >&2
	exit 1
fi
chmod 755 "$work" "$work/bin" "$work/bin/hello" "$work/dev" "$work/proc" "$work/sys"

# Only GNU tar can write another owner than ours; with any other the files stay ours.
owner=
if tar --version 2>/dev/null | grep -q 'GNU tar'; then owner='--owner=0 --group=0'; fi
tar -C "$work" $owner -cf "$out.part" .
mv "$out.part" "$out"
