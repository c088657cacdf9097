// Cases: device rules, which v2 knows only as an eBPF program.

import assert from 'node:assert/strict'
import { type Case, type Loose, shell } from './cases.ts'

/** Makes a node that no default rule is about, /dev/kmsg's twin, and tries it. */
const TRY_NODE = `
mknod /dev/node c 1 11 && echo made
(true </dev/node) 2>&1 && echo 'may read'
(true >/dev/node) 2>&1 && echo 'may write'`

const READ_DENIED = "sh: can't open /dev/node: Operation not permitted"
const WRITE_DENIED = "sh: can't create /dev/node: Operation not permitted"

function withRules(line: string, rules: readonly object[] | undefined) {
  return shell(line, ({ process, linux }: Loose) => {
    for (const set of ['bounding', 'effective', 'permitted']) {
      process.capabilities[set] = ['CAP_MKNOD', 'CAP_SYSLOG', 'CAP_SYS_ADMIN']
    }
    process.capabilities.ambient = []
    if (rules === undefined) delete linux.resources
    else linux.resources.devices = rules
  })
}

/** More than the program can hold if a jump went wrong, and none of them about the node. */
const manyRules = Array.from({ length: 300 }, (_, i) => ({
  allow: i % 2 === 0,
  type: i % 3 === 0 ? 'b' : 'c',
  major: 1,
  minor: 1000 + i,
  access: ['r', 'w', 'rw', 'rwm'][i % 4],
}))

const rules: [why: string, rules: readonly object[] | undefined, may: string[]][] = [
  ['a config without rules denies', undefined, [READ_DENIED, WRITE_DENIED]],
  ['the default rules deny', [{ allow: false, access: 'rwm' }], [READ_DENIED, WRITE_DENIED]],
  [
    'a rule that allows reading does not allow writing',
    [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 1, minor: 11, access: 'r' },
    ],
    ['may read', WRITE_DENIED],
  ],
  [
    'a rule without a minor is about all of them',
    [{ allow: true, type: 'c', major: 1, access: 'w' }],
    [READ_DENIED, 'may write'],
  ],
  [
    'a rule for a block device is not about a character device',
    [{ allow: true, type: 'b', major: 1, minor: 11, access: 'rwm' }],
    [READ_DENIED, WRITE_DENIED],
  ],
  ['all may be allowed', [{ allow: true, access: 'rwm' }], ['may read', 'may write']],
  [
    'a later rule takes from an earlier one',
    [
      { allow: true, type: 'a', access: 'rwm' },
      { allow: false, type: 'c', major: 1, minor: 11, access: 'w' },
    ],
    ['may read', WRITE_DENIED],
  ],
  [
    'hundreds of rules fit',
    [{ allow: true, type: 'c', major: 1, minor: 11, access: 'r' }, ...manyRules],
    ['may read', WRITE_DENIED],
  ],
]

export const devices: Case[] = [
  {
    why: 'device rules: what they do not allow is denied',
    bundles: Object.fromEntries(rules.map(([, list], i) => [`box${i}`, withRules(TRY_NODE, list)])),
    // All at once: most of the time goes into the start of the engine, and there are two processors.
    script: `
for box in box*; do tsoci run -b $box $box >/tmp/$box 2>&1 & done; wait
for box in box*; do echo "$box"; cat /tmp/$box; done`,
    check(output) {
      const found = output.split(/^box\d+\n/m).slice(1)
      const told = rules.map(([why], i) => [why, found[i]?.trim().split('\n')])
      assert.deepEqual(
        told,
        rules.map(([why, , may]) => [why, ['made', ...may]]),
      )
    },
  },
  {
    why: 'device rules: the default devices stay usable',
    bundles: {
      box: withRules(
        `for name in null zero full random urandom ptmx; do
	true </dev/$name && true >/dev/$name && echo -n "$name "
done`,
        [{ allow: false, access: 'rwm' }],
      ),
    },
    script: 'tsoci run -b box box',
    check: (output) => assert.equal(output, 'null zero full random urandom ptmx'),
  },
]
