// Rows: the top of config.json, and root.

import assert from 'node:assert/strict'
import { prints, type Row, refuses, row, tries, warns } from './row.ts'

export const top: readonly Row[] = [
  row(
    '`/ociVersion` of 1.x, any other refused',
    'ppy',
    refuses((config) => put(config, { ociVersion: '2.0.0' }), /\/ociVersion.*2\.0\.0/),
  ),
  row(
    '`/root/path`: a directory of the bundle, no symlink',
    'yyy',
    tries((site) => {
      for (const path of ['rootfs', './rootfs/']) {
        const lines = site.lines('ls -d /bin', (config) => put(config.root, { path }))
        assert.deepEqual(lines, ['/bin'])
      }
      const { code, stderr } = site.run('true', (config) => put(config.root, { path: 'none' }))
      assert.equal(code, 1)
      assert.match(stderr, /\/none" does not exist/)
    }),
  ),
  row(
    '`/root/readonly`',
    'yyy',
    tries((site) => {
      const set = (readonly: boolean) => (config: { root: object }) =>
        put(config.root, { readonly })
      assert.match(site.run('touch /x', set(true)).stderr, /Read-only file system/)
      assert.equal(site.run('touch /x', set(false)).code, 0)
    }),
  ),
  row(
    '`/mounts` with the destination `/`',
    'ryn',
    tries((site) => {
      // The bind is of the rootfs itself, so that there is a program to run.
      const dir = site.bundle()
      const lines = site.lines('grep -c " / / " /proc/self/mountinfo; ls -d /marked', (config) => {
        config.mounts.unshift(
          { destination: '/', source: `${dir}/rootfs`, options: ['bind', 'rw'] },
          { destination: '/marked', type: 'tmpfs', source: 'tmpfs' },
        )
      })
      assert.equal(lines[1], '/marked')
    }),
  ),
  row(
    '`/hostname`, refused without a uts namespace',
    'yyy',
    prints('hostname', (config) => put(config, { hostname: 'box' }), ['box']),
  ),
  row(
    '`/domainname`',
    'yyy',
    prints('cat /proc/sys/kernel/domainname', (config) => put(config, { domainname: 'inner' }), [
      'inner',
    ]),
  ),
  row(
    '`/annotations`: in the state, some with a meaning',
    'yyp',
    tries((site) => {
      const id = site.create((config) => put(config, { annotations: { a: 'b' } }))
      const { annotations } = JSON.parse(site.ok(['state', id]))
      assert.deepEqual(annotations, { a: 'b' })
    }),
  ),
  row(
    'a property that the specification does not have: a warning',
    'nnn',
    warns((config) => put(config, { hostnam: 'x' }), /\/hostnam.*did you mean "hostname"/),
  ),
  row(
    '`/windows`, `/solaris`, `/zos`: a warning',
    'nnn',
    warns((config) => put(config, { windows: { layerFolders: ['a'] } }), /\/windows.*another/),
  ),
  row(
    '`/vm`',
    '-p-',
    refuses((config) => put(config, { vm: { kernel: { path: '/k' } } }), /\[\/vm\]/),
    'refused',
  ),
]

export function put(target: object, values: object): void {
  Object.assign(target, values)
}
