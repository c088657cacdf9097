// Cases: what a container has open to others: connections, sockets of the host, namespaces.

import assert from 'node:assert/strict'
import type { Case, Loose } from './cases.ts'
import { COUNT, small } from './criu.ts'

const ownNetwork = ({ linux }: Loose) => linux.namespaces.push({ type: 'network' })

const joins = (path: string) => (config: Loose) => {
  config.linux.namespaces.push({ type: 'network', path })
}

export const sockets: Case[] = [
  {
    why: 'a TCP connection lives on with --tcp-established, and is closed with --tcp-close',
    bundles: { box: small('exec peer tcp /tmp/count', ownNetwork) },
    script: `tsoci create -b box box </dev/null >/dev/null 2>&1
tsoci exec box sh -c 'ip link set lo up'; tsoci start box
until_true is_beyond 3 box
save images box 2>&1 | grep -v ^hint; status box
# CRIU 3.17 leaves the network locked by nftables.
lock=iptables; criu --version | grep -q 'Version: 3' || lock=nftables
was=$(number box)
save images --tcp-established --network-lock $lock box 2>&1
bring images --tcp-established --network-lock $lock -b box box
goes_on box $was
save images --tcp-established box
bring images --tcp-close -b box box
is_closed() { [ "$(number box)" = -1 ]; }
until_true is_closed; number box; status box
end box`,
    check: (output) => {
      const [error, ...rest] = output.split('\n')
      assert.match(error!, /^error: criu failed to checkpoint: Error .* --tcp-established option/)
      assert.deepEqual(rest, ['not saved: 1', 'running', 'box goes on', '-1', 'running'])
    },
  },
  {
    why: '--ext-unix-sk keeps the connection to a socket of the host',
    bundles: {
      box: small('exec peer send /host/socket', ({ mounts }) => {
        mounts.push({ destination: '/host', source: '/host', options: ['bind'] })
      }),
    },
    script: `mkdir -p /host; peer listen /host/socket >/tmp/got &
listener=$!; until_true [ -e /host/socket ]
last() { n=$(tail -n 1 /tmp/got); echo \${n:-0}; }
beyond() { [ $(last) -gt $1 ]; }
begin box; until_true beyond 3
save images --ext-unix-sk box; was=$(last)
bring images --ext-unix-sk -b box box
until_true beyond $was; beyond $was && echo 'sends on'
end box; kill $listener; rm -r /host`,
    check: (output) => assert.equal(output, 'sends on'),
  },
  {
    why: '--empty-ns network leaves the devices out, and makes a network without any',
    bundles: { box: small(COUNT, ownNetwork) },
    script: `begin box
ip link add outside type veth peer name inside; ip link set inside netns $(pid box)
cat /proc/$(pid box)/net/dev | sed -n 's/ *\\(.*\\):.*/\\1/p'
save images --empty-ns network box 2>&1
ls /tmp/images | grep -c netdev
bring images --empty-ns network -b box box
cat /proc/$(pid box)/net/dev | sed -n 's/ *\\(.*\\):.*/\\1/p'
goes_on box 3
end box; ip link delete outside 2>/dev/null`,
    check: (output) =>
      assert.deepEqual(output.split('\n'), ['lo', 'inside', '0', 'lo', 'box goes on']),
  },
  {
    why: 'a container of a pod comes back in the network of another pod, named by the config',
    bundles: {
      box: small(COUNT, joins('/run/netns/one')),
      two: small(COUNT, joins('/run/netns/two')),
    },
    script: `ip netns add one; ip netns add two
counted box
save images box
bring images -b two other
[ $(stat -L -c %i /proc/$(pid other)/ns/net) = $(stat -c %i /run/netns/two) ] && echo 'in the other'
goes_on other $was
end other; ip netns delete one; ip netns delete two; umount /run/netns 2>/dev/null`,
    check: (output) => assert.equal(output, 'in the other\nother goes on'),
  },
]
