#!/bin/sh
# Makes a rootfs archive of busybox with its applets: busybox-rootfs.sh OUT [SCRIPT...]
# Each SCRIPT goes to /bin without its .sh.
set -eu
out=$1
shift

# A dynamic busybox would need the host's libraries, which are not in the rootfs.
# It names its interpreter, a static one names none.
busybox=
for each in "$(command -v busybox || true)" /bin/busybox /usr/bin/busybox; do
	if [ -x "$each" ] && ! grep -q '/ld-[a-z0-9_-]*\.so' "$each"; then
		busybox=$each
		break
	fi
done
if [ -z "$busybox" ]; then
	echo "this bundle needs a static busybox: apt-get install busybox-static" >&2
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/dev" "$work/etc" "$work/proc" "$work/root" "$work/sys" "$work/tmp"
chmod 755 "$work" "$work"/*
chmod 1777 "$work/tmp"
cp "$busybox" "$work/bin/busybox"
for applet in $("$busybox" --list); do
	[ "$applet" = busybox ] || ln -s busybox "$work/bin/$applet"
done
echo 'root:x:0:0:root:/root:/bin/sh' >"$work/etc/passwd"
echo 'root:x:0:' >"$work/etc/group"
chmod 755 "$work/bin/busybox"
chmod 644 "$work/etc/passwd" "$work/etc/group"
for script in "$@"; do
	name=$(basename "$script" .sh)
	cp "$script" "$work/bin/$name"
	chmod 755 "$work/bin/$name"
done

# Only GNU tar can write another owner than ours; with any other the files stay ours.
owner=
if tar --version 2>/dev/null | grep -q 'GNU tar'; then owner='--owner=0 --group=0'; fi
tar -C "$work" $owner -cf "$out.part" .
mv "$out.part" "$out"
