import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMountinfo } from '../../src/host/mountinfo.ts'
import { criuRequest, type ExternalMount, listExternals } from '../../src/plan/criu.ts'
import { encodeMessage, type Field } from '../../src/plan/criu-message.ts'
import type { Config } from '../../src/spec/config.ts'

const messages: [why: string, fields: Field[], hex: string][] = [
  ['nothing', [], ''],
  ['a number', [[1, 150]], '089601'],
  ['a negative number in ten bytes', [[1, -1]], '08ffffffffffffffffff01'],
  ['true', [[3, true]], '1801'],
  ['text', [[2, 'testing']], '120774657374696e67'],
  ['text beyond ASCII by its bytes', [[2, 'é']], '1202c3a9'],
  ['a message in a message', [[3, [[1, 150]]]], '1a03089601'],
  ['a number of a field in two bytes', [[44, 'x']], 'e2020178'],
  ['no field without a value', [[1, undefined]], ''],
]
for (const [why, fields, hex] of messages) {
  test(`encodeMessage() writes ${why}`, () => {
    assert.equal(Buffer.from(encodeMessage(fields)).toString('hex'), hex)
  })
}

test('criuRequest() begins with the type, then the options', () => {
  const bytes = Buffer.from(criuRequest('restore', { program: '/criu', images: '/i' }, [[2, 7]]))
  assert.equal(bytes.subarray(0, 3).toString('hex'), '080212')
  assert.equal(bytes.subarray(-2).toString('hex'), '1007')
})

const LINES = {
  root: '1 0 8:1 /srv/rootfs / rw - ext4 /dev/sda rw',
  proc: '2 1 0:5 / /proc rw - proc proc rw',
  partOfProc: '3 2 0:5 /sys /proc/sys ro - proc proc rw',
  masked: '4 2 0:6 /null /proc/kcore rw - devtmpfs udev rw',
  tmpfs: '5 1 0:7 / /tmp rw - tmpfs tmpfs rw',
  bind: '6 1 8:1 /srv/data /data rw - ext4 /dev/sda rw',
  belowBind: '7 6 0:9 / /data/more rw - tmpfs tmpfs rw',
  cgroup: '8 1 0:10 /c1 /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids',
  cgroup2: '10 1 0:11 /box /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
  hook: '9 1 8:2 /lib/driver /usr/lib/driver ro - ext4 /dev/sdb rw',
}
const config = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  mounts: [{ destination: '/data', source: 'data', options: ['rbind'] }],
} as Config

const externals: [why: string, lines: (keyof typeof LINES)[], expected: ExternalMount[]][] = [
  ['none of what CRIU makes anew', ['root', 'proc', 'partOfProc', 'tmpfs'], []],
  [
    'a masked file',
    ['root', 'proc', 'masked'],
    [{ destination: '/proc/kcore', source: '/dev/null' }],
  ],
  ['a bind by the config', ['root', 'bind'], [{ destination: '/data', source: '/b/data' }]],
  [
    'what is mounted below a bind',
    ['root', 'bind', 'belowBind'],
    [
      { destination: '/data', source: '/b/data' },
      { destination: '/data/more', source: '/b/data/more' },
    ],
  ],
  [
    'a cgroup by its controller',
    ['root', 'cgroup'],
    [{ destination: '/sys/fs/cgroup/pids', controller: 'pids' }],
  ],
  [
    'cgroup v2 without its own namespace',
    ['root', 'cgroup2'],
    [{ destination: '/sys/fs/cgroup', controller: '' }],
  ],
  [
    'what a hook has mounted, without a source',
    ['root', 'hook'],
    [{ destination: '/usr/lib/driver' }],
  ],
]
test('listExternals() leaves cgroup v2 in its own namespace to CRIU', () => {
  const mounts = parseMountinfo([LINES.root, LINES.cgroup2].join('\n'))
  const own = { ...config, linux: { namespaces: [{ type: 'cgroup' }] } } as Config
  assert.deepEqual(listExternals(mounts, own, '/b'), [])
})

for (const [why, lines, expected] of externals) {
  test(`listExternals() lists ${why}`, () => {
    const mounts = parseMountinfo(lines.map((name) => LINES[name]).join('\n'))
    assert.deepEqual(listExternals(mounts, config, '/b'), expected)
  })
}
