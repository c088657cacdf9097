// Rows: hooks.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hook } from '../../src/spec/config.ts'
import { type Site, until } from '../kernel/container.ts'
import { type Peers, type Row, row, tries } from './row.ts'
import { put } from './top.ts'

const shell = (script: string, more: Partial<Hook> = {}): Hook => {
  return { path: '/bin/sh', args: ['sh', '-c', script], ...more }
}

/** A container with this hook, which writes to /log or to the directory that is bound there. */
function withHook(site: Site, name: string, script: string, more: Partial<Hook> = {}) {
  const log = join(site.dir, 'log')
  mkdirSync(log)
  const dir = name === 'startContainer' ? '/log' : log
  const id = site.create((config) => {
    config.mounts.push({ destination: '/log', source: log, options: ['bind'] })
    put(config, { hooks: { [name]: [shell(`cd ${dir} && ${script}`, more)] } })
  })
  return { id, read: (file: string) => readFileSync(join(log, file), 'utf8') }
}

/** Runs through a life; the status that the hook was told. */
async function live(site: Site, name: string): Promise<string> {
  const { id, read } = withHook(site, name, 'cat > state')
  site.ok(['start', id])
  site.ok(['kill', id, 'KILL'])
  await until('the end', () => site.state(id).status === 'stopped')
  site.ok(['delete', id])
  return JSON.parse(read('state')).status
}

const kinds: [name: string, peers: Peers, status: string][] = [
  ['prestart', 'yyy', 'created'],
  ['createRuntime', 'yyy', 'created'],
  ['createContainer', 'yyy', 'created'],
  ['startContainer', 'yyy', 'created'],
  ['poststart', 'yyy', 'running'],
  ['poststop', 'yyp', 'stopped'],
]

export const hooks: readonly Row[] = [
  ...kinds.map(([name, peers, status]) =>
    row(
      `\`${name}\``,
      peers,
      tries(async (site) => assert.equal(await live(site, name), status)),
    ),
  ),
  row(
    'a `poststart` that fails is an error, and removes the container',
    'pyy',
    tries((site) => {
      const { id } = withHook(site, 'poststart', 'exit 3')
      const { code, stderr } = site.tsoci(['start', id])
      assert.notEqual(code, 0)
      assert.match(stderr, /poststart/)
      assert.deepEqual(site.ids(), [])
    }),
  ),
  row(
    'a `poststop` that fails is told, and the container is deleted',
    'yyn',
    tries((site) => {
      const { id } = withHook(site, 'poststop', 'exit 3')
      const { code, stderr } = site.tsoci(['delete', '--force', id])
      assert.equal(code, 0, stderr)
      assert.match(stderr, /poststop/)
      assert.deepEqual(site.ids(), [])
    }),
  ),
  row(
    '`path`, `args`, `env`',
    'yyy',
    tries((site) => {
      const { read } = withHook(
        site,
        'createRuntime',
        'echo $0 $A > out; env | grep -c HOME >> out; true',
        {
          env: ['A=1', 'PATH=/bin:/usr/bin'],
        },
      )
      assert.equal(read('out'), 'sh 1\n0\n')
    }),
  ),
  row(
    '`timeout`',
    'yyy',
    tries((site) => {
      const { code, stderr } = site.run('true', (config) => {
        put(config, { hooks: { createRuntime: [shell('exec sleep 100', { timeout: 1 })] } })
      })
      assert.equal(code, 1)
      assert.match(stderr, /ETIMEDOUT|timeout|time/)
      assert.deepEqual(site.ids(), [])
    }),
  ),
  row(
    'the state on standard input',
    'yyy',
    tries((site) => {
      const { id, read } = withHook(site, 'createRuntime', 'cat > state')
      const { pid, bundle } = site.state(id)
      assert.deepEqual(JSON.parse(read('state')), {
        ociVersion: '1.3.0',
        id,
        status: 'created',
        pid,
        bundle,
      })
    }),
  ),
  row(
    'the `pid` in it: that of the namespace where the hook runs',
    'yn-',
    tries((site) => {
      const { id, read } = withHook(site, 'startContainer', 'cat > state')
      site.ok(['start', id])
      assert.equal(JSON.parse(read('state')).pid, 1)
    }),
  ),
  row(
    'what a hook wrote is in the error when it fails',
    'ypn',
    tries((site) => {
      const { code, stderr } = site.run('true', (config) => {
        put(config, { hooks: { createRuntime: [shell('echo the reason >&2; exit 3')] } })
      })
      assert.equal(code, 1)
      assert.match(stderr, /the reason/)
    }),
  ),
]
