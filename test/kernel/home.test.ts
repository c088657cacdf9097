// HOME that the config does not name: from the container's /etc/passwd, whatever that is.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { draft, openSite, whyNot } from './container.ts'

const skip = whyNot('mkfifo')

const web = 'web:x:1000:1000::/home/web:'

const cases: [why: string, change: (etc: string) => void, home: string][] = [
  ['that root alone may read', (etc) => chmodSync(join(etc, 'passwd'), 0o640), '/home/web'],
  ['in a directory that root alone may enter', (etc) => chmodSync(etc, 0o700), '/home/web'],
  ['whose last line has no newline', (etc) => writeFileSync(join(etc, 'passwd'), web), '/home/web'],
  [
    'with a comment, an empty line and a line of NIS before',
    (etc) => writeFileSync(join(etc, 'passwd'), `#${web}\n\n+web:x:1000:1000::/nis:\n${web}\n`),
    '/home/web',
  ],
  ['that is endless', (etc) => truncateSync(join(etc, 'passwd'), 2 ** 42), '/home/web'],
  [
    'that is endless, without the line',
    (etc) => {
      writeFileSync(join(etc, 'passwd'), '')
      truncateSync(join(etc, 'passwd'), 2 ** 42)
    },
    '/',
  ],
  ...(['/dev/zero', '/dev/random', '/proc/kmsg', '/proc/self/mem', '/dev/console'] as const).map(
    (target): [string, (etc: string) => void, string] => [
      `that leads to ${target}`,
      (etc) => {
        rmSync(join(etc, 'passwd'))
        symlinkSync(target, join(etc, 'passwd'))
      },
      '/',
    ],
  ),
  [
    'that is a fifo',
    (etc) => {
      rmSync(join(etc, 'passwd'))
      assert.equal(spawnSync('mkfifo', [join(etc, 'passwd')]).status, 0)
    },
    '/',
  ],
]

for (const [why, change, home] of cases) {
  test(`HOME by a passwd file ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle(
      (config) => {
        config.process.user = { uid: 1000, gid: 1000 }
      },
      draft(['sh', '-c', 'echo $HOME; exec sleep 1000']),
    )
    change(join(bundle, 'rootfs/etc'))
    const id = site.id()
    const quiet = { stdio: ['ignore' as const, 'ignore' as const, 'ignore' as const] }
    assert.equal(site.tsoci(['run', '--detach', '-b', bundle, id], quiet).code, 0)
    const show = ['/bin/sh', '-c', 'tr "\\0" "\\n" < /proc/1/environ | grep ^HOME=; echo $HOME']
    assert.equal(site.ok(['exec', id, ...show]), `HOME=${home}\n${home}\n`)
  })
}
