// AppArmor profiles and SELinux labels, each in a virtual machine whose kernel has that module on.
// What it needs is told in cgroup-v2.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complainingProfile } from './apparmor.ts'
import { type Case, type Loose, runCases, shell } from './cases.ts'
import { findMachine } from './machine.ts'
import { compilePolicy, MOUNT_LABEL, PROCESS_LABEL } from './selinux.ts'

const SHOW = 'cat /proc/self/attr/current'

const profiled =
  (profile: string, more: (config: Loose) => void = () => {}) =>
  (config: Loose) => {
    config.process.apparmorProfile = profile
    more(config)
  }
const labelled = (label: string) => (config: Loose) => {
  config.process.selinuxLabel = label
}

const apparmor: Case[] = [
  {
    why: 'a profile that is loaded is the one of the process',
    bundles: { box: shell(SHOW, profiled('tsoci-test')) },
    script: `mount -t securityfs securityfs /sys/kernel/security
echo ${complainingProfile('tsoci-test').toString('base64')} | base64 -d >/tmp/profile
cat /tmp/profile >/sys/kernel/security/apparmor/.load
try tsoci run -b box box`,
    check: (output) => assert.equal(output, 'tsoci-test (complain)\nexit 0'),
  },
  {
    why: 'an ordinary user without new privileges has it, too, and exec may name another',
    bundles: {
      box: shell(
        'sleep 1000',
        profiled('tsoci-test', ({ process }) => {
          process.user = { uid: 1000, gid: 1000 }
          process.noNewPrivileges = true
        }),
      ),
    },
    script: `tsoci run -d -b box box </dev/null >/dev/null 2>&1
cat /proc/$(tsoci state box | sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p')/attr/current
tsoci exec box ${SHOW}
tsoci exec --apparmor unconfined box ${SHOW}
try tsoci delete --force box`,
    check: (output) =>
      assert.equal(output, 'tsoci-test (complain)\ntsoci-test (complain)\nunconfined\nexit 0'),
  },
  {
    why: 'a profile that is not loaded is refused',
    bundles: { box: shell(SHOW, profiled('nowhere')) },
    script: 'try tsoci run -b box box 2>&1',
    check: (output) => {
      assert.match(output, /"?nowhere"?.*ENOENT.*apparmorProfile[\s\S]*apparmor_parser/)
      assert.match(output, /exit 1$/)
    },
  },
]

// Without a policy the kernel knows the labels that it is built with, and denies nothing.
const selinux: Case[] = [
  {
    why: 'the label is the one of the process',
    bundles: { box: shell(SHOW, labelled('netif')) },
    script: `mount -t selinuxfs selinuxfs /sys/fs/selinux
tsoci run -b box box | tr '\\000' '\\n'`,
    check: (output) => assert.equal(output.trim(), 'netif'),
  },
  {
    why: 'exec may name another',
    bundles: { box: shell('sleep 1000', labelled('netif')) },
    script: `tsoci run -d -b box box </dev/null >/dev/null 2>&1
tsoci exec box ${SHOW} | tr '\\000' '\\n'
tsoci exec --process-label port box ${SHOW} | tr '\\000' '\\n'
try tsoci delete --force box`,
    check: (output) => assert.deepEqual(output.split(/\n+/), ['netif', 'port', 'exit 0']),
  },
  {
    why: 'the label of mounts reaches the kernel, which has no policy for it yet',
    bundles: {
      box: shell(SHOW, ({ linux }: Loose) => {
        linux.mountLabel = 'system_u:object_r:container_file_t:s0'
      }),
    },
    script: 'try tsoci run -b box box 2>&1; dmesg | grep -i "superblock options" | head -n 1',
    check: (output) => {
      assert.match(output, /EINVAL/)
      assert.match(output, /Unable to set superblock options/)
    },
  },
]

const compiled = compilePolicy()

/** Once there is a policy the kernel keeps it: these come last. */
const underPolicy: Case[] = [
  {
    why: 'under a policy the mounts have their label, and the process its own',
    bundles: {
      box: shell(
        `${SHOW}; echo; for it in /dev /dev/shm; do grep " $it " /proc/self/mountinfo | sed 's/.* - //'; done`,
        ({ process, linux }: Loose) => {
          process.selinuxLabel = PROCESS_LABEL
          process.noNewPrivileges = false // takes a policy that allows the change
          linux.mountLabel = MOUNT_LABEL
        },
      ),
    },
    script: `echo ${typeof compiled === 'string' ? '' : compiled.toString('base64')} | base64 -d >/tmp/policy
cat /tmp/policy >/sys/fs/selinux/load || dmesg | tail -n 5
tsoci run -b box box 2>&1 | tr '\\000' '\\n'`,
    check: (output) => {
      const [label, ...mounts] = output.split('\n').filter((line) => line !== '')
      assert.equal(label, PROCESS_LABEL)
      assert.equal(mounts.length, 2, output)
      for (const mount of mounts) assert.ok(mount.includes(`context="${MOUNT_LABEL}"`), output)
    },
  },
  {
    why: 'a label that the policy does not know is refused',
    bundles: {
      box: shell(SHOW, ({ linux }: Loose) => {
        linux.mountLabel = 'system_u:object_r:no_such_t:s0'
      }),
    },
    script: 'try tsoci run -b box box 2>&1',
    check: (output) => {
      assert.match(output, /no_such_t.*EINVAL/)
      assert.match(output, /exit 1$/)
    },
  },
]

const machine = findMachine()
const skip = typeof machine === 'string' ? machine : false

const isCompiled = typeof compiled !== 'string'
const modules: [name: string, kernelLine: string, cases: readonly Case[]][] = [
  ['AppArmor', 'apparmor=1 security=apparmor', apparmor],
  ['SELinux', 'selinux=1 security=selinux', [...selinux, ...(isCompiled ? underPolicy : [])]],
]
for (const [name, kernelLine, cases] of modules) {
  test(`tsoci on a kernel with ${name}`, { skip, timeout: 620_000 }, async (t) => {
    if (typeof machine === 'string') return
    if (name === 'SELinux' && typeof compiled === 'string') {
      for (const { why } of underPolicy) await t.test(why, { skip: compiled }, () => {})
    }
    const { boot, results } = await runCases({ ...machine, kernelLine }, cases, 600_000)
    for (const [i, { why, check }] of cases.entries()) {
      await t.test(why, () => {
        const { output, left } = results[i]!
        if (process.env.TSOCI_VM_SHOW) console.log(`${why}:\n${output}\nleft: ${left}`)
        assert.ok(output !== undefined, boot.output.slice(-1000) + boot.kernelLog.slice(-1000))
        check(output)
        assert.equal(left, '', 'something is left')
      })
    }
  })
}
