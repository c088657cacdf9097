// Cases: memory that is saved before, or handed over after, a checkpoint.

import assert from 'node:assert/strict'
import type { Case } from './cases.ts'
import { small } from './criu.ts'

const SIZE = 2_000_000

/** Counts beside memory that does not change. */
const bundles = { box: small(`exec peer count /tmp/count ${SIZE}`) }

export const memory: Case[] = [
  {
    why: '--pre-dump leaves the container running, --parent-path takes what has changed since',
    bundles,
    script: `counted box; first=$(pid box)
pages() { for name; do
	sum=$(cat /tmp/$name/pages-*.img | wc -c)
	[ $sum -gt ${SIZE} ] && echo "$name: all" || echo "$name: less"
done; }
save images1 --pre-dump box 2>&1
save images2 --pre-dump --parent-path ../images1 box 2>&1
[ $(pid box) = $first ] && status box; was=$(number box)
save images3 --parent-path ../images2 --auto-dedup box
pages images1 images2 images3; readlink /tmp/images3/parent
bring images3 -b box box
goes_on box $was
end box`,
    check: (output) =>
      assert.deepEqual(output.split('\n'), [
        'running',
        'images1: all',
        'images2: less',
        'images3: less',
        '../images2',
        'box goes on',
      ]),
  },
  {
    why: '--lazy-pages hands the memory to a container elsewhere, and --status-fd tells when',
    bundles,
    script: `counted box
mkfifo /tmp/ready /tmp/there; mkdir /tmp/images
save images --lazy-pages --page-server 127.0.0.1:27 --status-fd 5 box 5>/tmp/ready >/tmp/saved 2>&1 &
saving=$!
head -c 1 /tmp/ready | hexdump -ve '1/1 "ready %d\\n"'
ls /tmp/images/inventory.img; status box
[ $(cat /tmp/images/pages-*.img | wc -c) -lt ${SIZE} ] && echo 'memory is still here'
cd /tmp/images; criu lazy-pages --page-server --address 127.0.0.1 --port 27 --status-fd 6 -D /tmp/images 6>/tmp/there >/tmp/daemon 2>&1 &
daemon=$!
head -c 1 /tmp/there | hexdump -ve '1/1 "there %d\\n"'
cd - >/dev/null
bring images --lazy-pages -b box other
wait $saving; echo "saved $?"; wait $daemon; echo "served $?"; cat /tmp/saved /tmp/daemon
tsoci list -q
goes_on other $was; cat /proc/$(pid other)/cgroup
end other; rm /tmp/ready /tmp/there`,
    check: (output) =>
      assert.deepEqual(output.split('\n'), [
        'ready 0',
        '/tmp/images/inventory.img',
        'running',
        'memory is still here',
        'there 0',
        'saved 0',
        'served 0',
        'other',
        'other goes on',
        '0::/other',
      ]),
  },
  {
    why: '--page-server writes the memory of another host, and restore finds it there',
    bundles,
    script: `counted box
mkdir /tmp/images
criu page-server --images-dir /tmp/images --address 127.0.0.1 --port 28 >/tmp/log 2>&1 &
server=$!; until_true grep -q :001C.*0A /proc/net/tcp
save images --page-server 127.0.0.1:28 box 2>&1
wait $server; echo "served $?"
bring images -b box box
goes_on box $was
end box`,
    check: (output) => assert.deepEqual(output.split('\n'), ['served 0', 'box goes on']),
  },
]
