// Mounts of the host in a user namespace: flags stay locked, and what is covered stays so.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Change,
  openSite,
  type Site,
  setNamespaces,
  whyNot,
  whyNotRootless,
} from './container.ts'
import { openOrdinarySite, runRootless } from './rootless.ts'

const skip = whyNot()
const skipRootless = whyNotRootless()

const mapped: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  config.linux.uidMappings = [{ containerID: 0, hostID: 200_000, size: 65_536 }]
  config.linux.gidMappings = [{ containerID: 0, hostID: 200_000, size: 65_536 }]
}

const locked: [options: string[], shown: string[] | undefined][] = [
  [['bind'], ['ro', 'nosuid', 'nodev', 'noexec', 'noatime']],
  [
    ['bind', 'nosymfollow'],
    ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nosymfollow'],
  ],
  [
    ['bind', 'ro'],
    ['ro', 'nosuid', 'nodev', 'noexec', 'noatime'],
  ],
  [
    ['bind', 'norelatime'],
    ['ro', 'noatime'],
  ],
  [['bind', 'rw'], undefined],
  [['bind', 'suid'], undefined],
  [['bind', 'dev'], undefined],
  [['bind', 'exec'], undefined],
  [['bind', 'relatime'], undefined],
  [['bind', 'strictatime'], undefined],
]
for (const [options, shown] of locked) {
  const what = shown === undefined ? 'is refused' : `shows ${shown.join()}`
  test(`a user namespace that binds locked flags with ${options.join()} ${what}`, { skip }, (t) => {
    const site = openSite(t)
    const source = join(site.dir, 'source')
    mkdirSync(source)
    spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', source])
    site.atClose(() => spawnSync('umount', [source]))
    const flags = 'remount,bind,ro,nosuid,nodev,noexec,noatime'
    assert.equal(spawnSync('mount', ['-o', flags, source]).status, 0)
    const { code, stdout, stderr } = site.run('cat /proc/self/mountinfo', (config) => {
      mapped(config)
      config.mounts.push({ destination: '/root', source, options })
    })
    if (shown === undefined) {
      assert.notEqual(code, 0)
      assert.match(stderr, /locked/)
      return
    }
    assert.equal(code, 0, stderr)
    const line = stdout.split('\n').find((it) => it.split(' ')[4] === '/root')
    for (const word of shown)
      assert.ok(line?.split(' ')[5]?.split(',').includes(word) === true, line)
  })
}

test('root of a user namespace can not take flags off a mount of the host', { skip }, (t) => {
  const site = openSite(t)
  const source = join(site.dir, 'source')
  mkdirSync(source)
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,nosuid', 'tmpfs', source])
  site.atClose(() => spawnSync('umount', [source]))
  const script = 'mount -o remount,bind,suid,rw /root; cat /proc/self/mountinfo'
  const lines = site.lines(script, (config) => {
    mapped(config)
    config.mounts.push({ destination: '/root', source, options: ['bind'] })
    for (const set of ['bounding', 'effective', 'permitted'] as const) {
      config.process.capabilities![set] = [...config.process.capabilities![set]!, 'CAP_SYS_ADMIN']
    }
  })
  const line = lines.find((it) => it.split(' ')[4] === '/root')!
  assert.match(line.split(' ')[5]!, /^ro,nosuid/)
})

/** A directory of the host with another mount below it: `of the tmpfs` covers `covered`. */
function makeCovered(site: Site): string {
  const source = join(site.dir, 'source')
  mkdirSync(join(source, 'below'), { recursive: true })
  writeFileSync(join(source, 'below/covered'), '')
  assert.equal(spawnSync('mount', ['--bind', source, source]).status, 0)
  site.atClose(() => spawnSync('umount', ['-R', source]))
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', join(source, 'below')]).status, 0)
  writeFileSync(join(source, 'below/shown'), '')
  assert.equal(spawnSync('mount', ['-o', 'remount,bind,ro,nosuid', source]).status, 0)
  return source
}

const admin: Change = (config) => {
  for (const set of ['bounding', 'effective', 'permitted'] as const) {
    config.process.capabilities![set] = [...config.process.capabilities![set]!, 'CAP_SYS_ADMIN']
  }
}

const REMOUNT = 'mount -o remount,bind,suid,rw /root; cat /proc/self/mountinfo'

test('a bind without r shows its source alone, with flags that stay locked', { skip }, (t) => {
  const site = openSite(t)
  const source = makeCovered(site)
  const lines = site.lines(`ls /root/below; ${REMOUNT}`, (config) => {
    mapped(config)
    admin(config)
    config.mounts.push({ destination: '/root', source, options: ['bind'] })
  })
  assert.equal(lines[0], 'covered')
  const mounts = lines.map((it) => it.split(' ')).filter((it) => it[4]?.startsWith('/root'))
  assert.deepEqual(
    mounts.map(([, , , , path]) => path),
    ['/root'],
  )
  assert.match(mounts[0]![5]!, /^ro,nosuid/)
})

test('an ordinary user is told to use rbind for a source with mounts below', {
  skip: skipRootless,
}, (t) => {
  const site = openOrdinarySite(t)
  const source = makeCovered(site)
  const bind =
    (word: string): Change =>
    (config) => {
      config.mounts.push({ destination: '/root', source, options: [word] })
    }
  const { code, stderr } = runRootless(site, 'true', bind('bind'))
  assert.equal(code, 1)
  assert.match(stderr, /\[\/mounts\/\d\]\nhint: .*use rbind/)
  assert.equal(runRootless(site, 'ls /root/below', bind('rbind')).stdout, 'shown\n')
})

test('what mounts add shows a user namespace has its flags locked, too', { skip }, (t) => {
  const site = openSite(t)
  const source = makeCovered(site)
  const id = site.start((config) => {
    mapped(config)
    admin(config)
  })
  const mounts = [{ destination: '/root', source, options: ['bind'] }]
  const call = { stdio: 'pipe' as const, input: JSON.stringify(mounts) }
  site.ok(['mounts', 'add', id, '-'], call)
  const text = site.ok(['exec', id, 'sh', '-c', REMOUNT])
  const line = text.split('\n').find((it) => it.split(' ')[4] === '/root')
  assert.match(line?.split(' ')[5] ?? '', /^ro,nosuid/)
})
