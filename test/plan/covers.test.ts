// Sysctls, masked and read-only paths.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planCovers } from '../../src/plan/covers.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Step } from '../../src/plan/step.ts'
import type { Config } from '../../src/spec/config.ts'
import { rootHost, smallConfig } from './facts.ts'

const words = (steps: readonly Step[]) => steps.map((step) => describeStep(step))
const withLinux = (more: Partial<NonNullable<Config['linux']>>): Config => ({
  ...smallConfig,
  linux: { ...smallConfig.linux, ...more },
})

test('planCovers() writes sysctls before it covers, and covers once', () => {
  const config = withLinux({
    sysctl: { 'net.ipv4.ip_forward': '1' },
    maskedPaths: ['/proc/kcore', '/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
  })
  assert.deepEqual(words(planCovers(config, rootHost)), [
    'write "1" to /proc/sys/net/ipv4/ip_forward',
    'make /proc/sys read-only',
    'mask /proc/kcore',
  ])
})

test('planCovers() refuses to cover the paths of the host', () => {
  const config = withLinux({ namespaces: [], maskedPaths: ['/proc/kcore'] })
  assert.throws(() => planCovers(config, rootHost), { code: 'BAD_CONFIG' })
})
