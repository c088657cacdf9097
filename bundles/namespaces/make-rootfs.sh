#!/bin/sh
# Makes rootfs.tar (or the file given): busybox with its applets, and show-namespaces.
here=$(dirname "$0")
exec sh "$here/../busybox-rootfs.sh" "${1:-$here/rootfs.tar}" "$here/show-namespaces.sh"
