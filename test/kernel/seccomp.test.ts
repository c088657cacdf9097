// System call filters.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Seccomp } from '../../src/spec/config.ts'
import { openSite, whyNot } from './container.ts'

const skip = whyNot()

const mkdirFails = (more: Partial<Seccomp> = {}, errnoRet?: number): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    {
      names: ['mkdir', 'mkdirat', 'no_such_system_call'],
      action: 'SCMP_ACT_ERRNO',
      ...(errnoRet === undefined ? {} : { errnoRet }),
    },
  ],
  ...more,
})

const cases: [why: string, seccomp: Seccomp, message: RegExp][] = [
  ['with EPERM when no errnoRet is given', mkdirFails(), /not permitted/],
  ['with its errnoRet', mkdirFails({}, 5), /Input\/output error/],
  [
    'for more architectures',
    mkdirFails({ architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] }),
    /not permitted/,
  ],
  [
    'with the flags of the profile',
    mkdirFails({ flags: ['SECCOMP_FILTER_FLAG_LOG'] }),
    /not permitted/,
  ],
]
for (const noNewPrivileges of [true, false]) {
  for (const [why, seccomp, message] of cases) {
    const name = `a filter refuses a call ${why}, no_new_privs ${noNewPrivileges}`
    const foreign = process.arch !== 'x64' && seccomp.architectures !== undefined
    test(name, { skip: skip || (foreign ? 'names x86' : false) }, (t) => {
      const { stdout, stderr } = openSite(t).run(
        'grep -c ^Seccomp:.2 /proc/self/status; mkdir /dev/shm/x; echo $?',
        (config) => {
          config.process.noNewPrivileges = noNewPrivileges
          config.linux.seccomp = seccomp
        },
      )
      assert.equal(stdout, '1\n1\n')
      assert.match(stderr, message)
    })
  }
}

test('the program is found behind a filter that knows a newer call and not faccessat2', {
  skip,
}, (t) => {
  const { code, stderr } = openSite(t).run('true', (config) => {
    config.process.noNewPrivileges = false
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['faccessat2', 'openat2'], action: 'SCMP_ACT_ERRNO' }],
    }
  })
  assert.equal(code, 0, stderr)
})

test('a filter compares arguments', { skip }, (t) => {
  // personality(0xffffffff) only asks; any other value is refused.
  const { stdout } = openSite(t).run(
    'umask 022; kill -0 $$ && echo asked; kill -CONT $$ || echo no',
    (config) => {
      config.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          {
            names: ['kill'],
            action: 'SCMP_ACT_ERRNO',
            args: [{ index: 1, value: 18, op: 'SCMP_CMP_EQ' }],
          },
        ],
      }
    },
  )
  assert.equal(stdout, 'asked\nno\n')
})

test('a filter that kills ends the process with SIGSYS', { skip }, (t) => {
  const { code } = openSite(t).run('mkdir /dev/shm/x', (config) => {
    config.process.args = ['mkdir', '/dev/shm/x']
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_KILL_PROCESS' }],
    }
  })
  assert.equal(code, 128 + 31)
})

test('a filter without the newer system calls does not hinder the start', { skip }, (t) => {
  const names = ['close_range', 'openat2', 'open_tree', 'move_mount', 'mount_setattr', 'fsopen']
  for (const noNewPrivileges of [true, false]) {
    const { stdout, stderr } = openSite(t).run('echo $HOME; ls /proc/self/fd | wc -l', (config) => {
      config.process.noNewPrivileges = noNewPrivileges
      config.process.user = { uid: 1000, gid: 1000 }
      config.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: names as [string], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }],
      }
    })
    assert.equal(stdout, '/home/web\n4\n', stderr)
  }
})

/**
 * A program for i386 that ends with the error number of socketcall(SYS_SOCKET, {AF_UNIX,
 * SOCK_STREAM, 0}), and with 0 when that gives a socket.
 */
function socketcallProgram(): Buffer {
  const at = 0x10000
  const code = 52 + 32 // behind the headers
  const instructions = (data: number) =>
    [
      'b866000000', // mov eax, 102 (socketcall)
      'bb01000000', // mov ebx, SYS_SOCKET
      `b9${word(data)}`,
      'cd80', // int 0x80
      '89c3f7db', // mov ebx, eax; neg ebx
      '85c0780231db', // no error: xor ebx, ebx
      'b801000000cd80', // exit
    ].join('')
  const word = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString('hex')
  const size = code + instructions(0).length / 2
  const header = `7f454c46010101${'00'.repeat(9)}0200030001000000${word(at + code)}${word(52)}${word(0)}${word(0)}340020000100${'00'.repeat(6)}`
  const segment = [1, 0, at, at, size + 12, size + 12, 5, 0x1000].map(word).join('')
  const args = [1, 1, 0].map(word).join('')
  return Buffer.from(`${header}${segment}${instructions(at + size)}${args}`, 'hex')
}

test('denying socketcall as the default does holds beside a socket that is allowed', {
  skip,
}, (t) => {
  const site = openSite(t)
  const program = join(site.dir, 'socketcall')
  writeFileSync(program, socketcallProgram(), { mode: 0o755 })
  if (spawnSync(program).status !== 0) return t.skip('this kernel runs no programs for i386')
  const run = (denied: readonly string[]) => {
    const bundle = site.bundle((config) => {
      writeFileSync(
        join(site.dir, `bundle-${++bundles}/rootfs/bin/socketcall`),
        socketcallProgram(),
        {
          mode: 0o755,
        },
      )
      config.process.args = ['/bin/socketcall']
      config.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
        syscalls: [
          { names: ['exit', 'execve', 'faccessat2'], action: 'SCMP_ACT_ALLOW' },
          ...denied.map((name) => ({
            names: [name] as [string],
            action: 'SCMP_ACT_ERRNO' as const,
          })),
          {
            names: ['socket'],
            action: 'SCMP_ACT_ALLOW',
            args: [{ index: 0, value: 38, op: 'SCMP_CMP_NE' }],
          },
        ],
      }
    })
    return site.tsoci(['run', '--bundle', bundle, site.id()])
  }
  let bundles = 0
  const { code, stderr } = run(['socketcall'])
  assert.equal(code, 1, stderr)
  assert.equal(run([]).code, 0) // what libseccomp makes of the rule for socket
})
