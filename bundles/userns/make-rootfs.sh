#!/bin/sh
# Makes rootfs.tar (or the file given): busybox with its applets, and who-am-i.
here=$(dirname "$0")
exec sh "$here/../busybox-rootfs.sh" "${1:-$here/rootfs.tar}" "$here/who-am-i.sh"
