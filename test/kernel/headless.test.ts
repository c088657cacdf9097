// An init whose main thread has ended: a zombie to look at, and still a container that runs.

import assert from 'node:assert/strict'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildProgram, draft, openSite, until, whyNot } from './container.ts'

test('a container runs as long as a thread of its init does', {
  skip: whyNot('make', 'cc'),
}, async (t) => {
  const site = openSite(t)
  const bundle = site.bundle(() => {}, draft(['/headless']))
  copyFileSync(buildProgram('headless'), join(bundle, 'rootfs/headless'))
  const id = site.id()
  const quiet = { stdio: ['ignore' as const, 'ignore' as const, 'ignore' as const] }
  assert.equal(site.tsoci(['run', '--detach', '-b', bundle, id], quiet).code, 0)
  const { pid } = site.stored(id)
  await until('the main thread to end', () =>
    readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '),
  )
  assert.equal(site.state(id).status, 'running')
  assert.match(site.ok(['list']), / running /)
  assert.equal(site.tsoci(['delete', id]).code, 1)
  site.ok(['kill', id, 'KILL'])
  await until('its end', () => site.state(id).status === 'stopped')
  site.ok(['delete', id])
})
