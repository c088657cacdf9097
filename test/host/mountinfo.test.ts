import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isHidden, parseMountinfo } from '../../src/host/mountinfo.ts'

test('parseMountinfo() reads any number of optional fields', () => {
  const text = '36 35 98:0 /mnt1 /mnt\\0112 rw master:1 propagate_from:2 shared:3 - ext3 /d rw,a=b'
  assert.deepEqual(parseMountinfo(`${text}\nnot a line\n`), [
    {
      id: 36,
      parent: 35,
      device: '98:0',
      root: '/mnt1',
      mountPoint: '/mnt\t2',
      fsType: 'ext3',
      superOptions: ['rw', 'a=b'],
    },
  ])
})

const hidden: [why: string, lines: string[], expected: boolean][] = [
  ['no other mount is there', [], false],
  ['another is stacked on it', ['50 20 0:9 / /a/b rw - tmpfs t rw'], true],
  ['another covers the directory above it', ['50 10 0:9 / /a rw - tmpfs t rw'], true],
  ['another is beside it', ['50 10 0:9 / /a/c rw - tmpfs t rw'], false],
  ['another is at the start of its name', ['50 10 0:9 / /a/bb rw - tmpfs t rw'], false],
  ['another is below it', ['50 20 0:9 / /a/b/c rw - tmpfs t rw'], false],
]
for (const [why, lines, expected] of hidden) {
  test(`isHidden() is ${expected} when ${why}`, () => {
    const base = ['10 1 0:1 / / rw - ext4 d rw', '20 10 0:2 / /a/b rw - tmpfs t rw']
    const mounts = parseMountinfo([...base, ...lines].join('\n'))
    assert.equal(isHidden(mounts, mounts[1]!), expected)
  })
}
