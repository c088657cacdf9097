// What has no effect on a host is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listIgnored, listLoose } from '../../src/plan/ignored.ts'
import type { Config } from '../../src/spec/config.ts'
import { layouts, rootHost, userHost, withLayout, withResources } from './facts.ts'

const v1Only = withResources({
  memory: { kernel: 1 << 20, kernelTCP: 1 << 20, swappiness: 0, disableOOMKiller: true },
  blockIO: { leafWeight: 10, weightDevice: [{ major: 8, minor: 0, leafWeight: 10 }] },
})
const pointers = (config: Config, host = rootHost) =>
  listIgnored(config, host).map(({ pointer }) => pointer)

test('listIgnored() tells on v2 what only v1 has', () => {
  assert.deepEqual(pointers(v1Only), [
    '/linux/resources/memory/kernel',
    '/linux/resources/memory/kernelTCP',
    '/linux/resources/memory/swappiness',
    '/linux/resources/memory/disableOOMKiller',
    '/linux/resources/blockIO/leafWeight',
    '/linux/resources/blockIO/weightDevice/0/leafWeight',
  ])
})

test('listIgnored() tells nothing of it on v1, nor of what says unset', () => {
  assert.deepEqual(pointers(v1Only, withLayout('v1')), [])
  const unset = withResources({ memory: { kernel: -1, kernelTCP: 0, disableOOMKiller: false } })
  assert.deepEqual(pointers(unset), [])
})

test('listIgnored() tells an ordinary user of device rules beyond the usual denial', () => {
  const host = { ...userHost, cgroups: layouts.v2 }
  const deny = { allow: false, access: 'rwm' }
  assert.deepEqual(pointers(withResources({ devices: [deny] }), host), [])
  const allow = { allow: true, type: 'c' as const, major: 10, minor: 200, access: 'rw' }
  const config = withResources({ devices: [deny, allow] })
  assert.deepEqual(pointers(config, host), ['/linux/resources/devices'])
  assert.deepEqual(pointers(config), [])
})

test('listIgnored() tells that mounts have no labels where SELinux is off', () => {
  const config: Config = { ...withResources({}), linux: { mountLabel: 'u:o:f:s0' } }
  const labelling = { ...rootHost, lsm: { apparmor: false, selinux: true } }
  assert.deepEqual(pointers(config), ['/linux/mountLabel'])
  assert.deepEqual(pointers(config, labelling), [])
})

test('listLoose() tells of device rules that no cgroup keeps', () => {
  const config = withResources({ devices: [{ allow: false, access: 'rwm' }] })
  const pointers = listLoose(config, rootHost, 'disabled').map(({ pointer }) => pointer)
  assert.deepEqual(pointers, ['/linux/resources/devices'])
})

test('listLoose() tells an ordinary user of processes that nothing holds together', () => {
  const root = { path: 'rootfs' }
  const config: Config = { ociVersion: '1.0.0', root, linux: { namespaces: [{ type: 'user' }] } }
  const alone: Config = {
    ...config,
    linux: { namespaces: [...config.linux!.namespaces!, { type: 'pid' }] },
  }
  const placed: Config = { ...config, linux: { ...config.linux, cgroupsPath: '/mine' } }
  const count = (it: Config, manager: Parameters<typeof listLoose>[2] = 'cgroupfs') =>
    listLoose(it, userHost, manager).length
  assert.equal(count(config), 1)
  assert.deepEqual([count(alone), count(placed), count(config, 'systemd')], [0, 0, 0])
  assert.equal(count(placed, 'disabled'), 1)
  assert.deepEqual(listLoose(config, rootHost, 'cgroupfs'), [])
})
