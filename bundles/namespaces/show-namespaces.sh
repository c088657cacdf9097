#!/bin/sh
# Shows the inode of each namespace that this process is in.
for each in /proc/self/ns/*; do
	case $each in *_for_children) continue ;; esac
	printf '%-8s %s\n' "${each##*/}" "$(readlink "$each")"
done
echo "hostname $(hostname), pid $$, interfaces: $(ls /sys/class/net | tr '\n' ' ')"
