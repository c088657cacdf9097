#!/bin/sh
# Shows who root is inside a user namespace, and what it owns.
echo "I am $(id -u):$(id -g)"

echo "uid map (inside, outside, how many):"
cat /proc/self/uid_map
echo "gid map (inside, outside, how many):"
cat /proc/self/gid_map

echo "owners seen in here (65534 is an id that the maps do not name):"
ls -ldn / /proc/1 /proc/sys /sys

echo "capabilities in here, in effect:"
grep CapEff /proc/self/status
