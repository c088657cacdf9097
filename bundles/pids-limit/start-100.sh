#!/bin/sh
# Starts 100 sleeps and says how many the kernel let it have.
#
# The shell gives up at the first fork that fails, so the count is told from the
# exit trap: echo and kill are built in and need no process of their own.
started=0
pids=
finish() {
	echo "started $started of 100"
	# shellcheck disable=SC2086
	[ -z "$pids" ] || kill $pids
	exit 0
}
trap finish EXIT

while [ "$started" -lt 100 ]; do
	sleep 60 &
	pids="$pids $!"
	started=$((started + 1))
done
