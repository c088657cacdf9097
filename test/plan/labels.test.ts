import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts } from '../../src/host/facts.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { planKeyring, planLabels } from '../../src/plan/labels.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Config } from '../../src/spec/config.ts'
import { createOptions, rootHost, smallConfig } from './facts.ts'

const labelling: HostFacts = { ...rootHost, lsm: { apparmor: true, selinux: true } }
const withProcess = (more: Partial<NonNullable<Config['process']>>): Config => ({
  ...smallConfig,
  process: { ...smallConfig.process!, ...more },
})

test('planLabels() changes to profile and label on exec', () => {
  const config = withProcess({ apparmorProfile: 'web', selinuxLabel: 'u:r:t:s0' })
  assert.deepEqual(
    planLabels(config, labelling).map((step) => describeStep(step)),
    ['change to AppArmor profile web on exec', 'change to SELinux label u:r:t:s0 on exec'],
  )
})

test('planLabels() takes empty words for none', () => {
  assert.deepEqual(planLabels(withProcess({ apparmorProfile: '', selinuxLabel: '' }), rootHost), [])
})

test('planKeyring() labels the keyring as the process', () => {
  assert.equal(
    describeStep(planKeyring(withProcess({ selinuxLabel: 'u:r:t:s0' }))),
    'join session keyring _ses.<id> as u:r:t:s0',
  )
})

function compile(config: Config, host: HostFacts): string[] {
  const plan = compilePlan({ config, configText: '{}', host, options: createOptions })
  return plan.child!.map((step) => describeStep(step))
}

test('compilePlan() sets labels while the child is privileged', () => {
  const steps = compile(withProcess({ apparmorProfile: 'web', noNewPrivileges: true }), labelling)
  const place = (start: string) => steps.findIndex((step) => step.startsWith(start))
  assert.ok(place('change to AppArmor') < place('set no_new_privs'))
  assert.ok(place('set no_new_privs') < place('become user'))
})

test('compilePlan() labels what it mounts, and leaves the rest to the policy', () => {
  const mountLabel = 'u:o:f:s0:c1,c2'
  const config: Config = {
    ...smallConfig,
    mounts: [
      { destination: '/proc', type: 'proc' },
      { destination: '/dev', type: 'tmpfs', options: ['mode=755'] },
      { destination: '/dev/mqueue', type: 'mqueue' },
      { destination: '/data', source: '/srv', options: ['bind'] },
      { destination: '/sys', type: 'sysfs' },
    ],
    linux: { ...smallConfig.linux, mountLabel, maskedPaths: ['/proc/kcore'] },
  }
  const steps = compile(config, labelling)
  assert.deepEqual(
    steps.filter((step) => /^(mount|bind \/srv|label|mask) ?/.test(step)),
    [
      'mount proc on /proc, attributes 0x0',
      `mount tmpfs on /dev with mode=755,context=${mountLabel}, attributes 0x0`,
      'mount mqueue on /dev/mqueue, attributes 0x0',
      `label /dev/mqueue as ${mountLabel}`,
      'bind /srv on /data',
      'mount sysfs on /sys, attributes 0x0',
      `mask /proc/kcore as ${mountLabel}`,
    ],
  )
})

test('compilePlan() labels no mount where SELinux is off', () => {
  const linux = { ...smallConfig.linux, mountLabel: 'u:o:f:s0' }
  const config: Config = { ...smallConfig, mounts: [{ destination: '/a', type: 'tmpfs' }], linux }
  assert.ok(!compile(config, rootHost).some((step) => step.includes('u:o:f:s0')))
})

const refused: [what: string, config: Config][] = [
  ['process.apparmorProfile', withProcess({ apparmorProfile: 'web' })],
  ['process.selinuxLabel', withProcess({ selinuxLabel: 'u:r:t:s0' })],
]
for (const [what, config] of refused) {
  test(`compilePlan() refuses ${what} where its module is off`, () => {
    assert.throws(() => compile(config, rootHost), {
      code: 'NOT_SUPPORTED',
      message: /is not enabled on this host/,
    })
  })
}
