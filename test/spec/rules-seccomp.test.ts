// Rules of seccomp: each with a configuration that keeps it and one that breaks it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../src/spec/parse.ts'
import { changed, testRules } from './sample.ts'

const notify = { names: ['mount'], action: 'SCMP_ACT_NOTIFY' }

testRules([
  [
    'a filter',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ERRNO',
        defaultErrnoRet: 38,
        syscalls: [
          { names: ['read'], action: 'SCMP_ACT_ALLOW' },
          {
            names: ['clone'],
            action: 'SCMP_ACT_TRACE',
            errnoRet: 1,
            args: [{ index: 0, value: 2114060288, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
          },
        ],
      }),
    [],
  ],
  [
    'an errno that the action does not return',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        defaultErrnoRet: 1,
        syscalls: [{ names: ['mount'], action: 'SCMP_ACT_KILL', errnoRet: 1 }],
      }),
    ['error /linux/seccomp/defaultErrnoRet', 'error /linux/seccomp/syscalls/0/errnoRet'],
  ],
  [
    'a filter with an agent',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        listenerPath: '/run/agent',
        listenerMetadata: 'x',
        syscalls: [notify],
      }),
    [],
  ],
  [
    'a filter without its agent',
    (c) => (c.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [notify] }),
    ['error /linux/seccomp'],
  ],
  [
    'an agent for write, and for everything',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_NOTIFY',
        listenerPath: '/run/agent',
        syscalls: [{ ...notify, names: ['mount', 'write'] }],
      }),
    ['error /linux/seccomp/defaultAction', 'error /linux/seccomp/syscalls/0/names/1'],
  ],
  [
    'metadata without an agent',
    (c) => (c.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerMetadata: 'x' }),
    ['error /linux/seccomp/listenerMetadata'],
  ],
  [
    'a rule without system calls',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: [], action: 'SCMP_ACT_LOG' }],
      }),
    ['error /linux/seccomp/syscalls/0/names'],
  ],
  [
    'unknown words in a filter',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'ALLOW',
        architectures: ['amd64'],
        flags: ['LOG'],
        syscalls: [
          {
            names: ['read'],
            action: 'SCMP_ACT_LOG',
            args: [{ index: 6, value: 0, op: 'EQ' }],
          },
        ],
      }),
    [
      'error /linux/seccomp/defaultAction',
      'error /linux/seccomp/architectures/0',
      'error /linux/seccomp/flags/0',
      'error /linux/seccomp/syscalls/0/args/0/index',
      'error /linux/seccomp/syscalls/0/args/0/op',
    ],
  ],
  [
    'names of system calls that are none',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ERRNO',
        // Of another architecture, of a newer kernel, and of every one.
        syscalls: [
          { names: ['opeen', 'riscv_flush_icache', 'mseal', 'open'], action: 'SCMP_ACT_ALLOW' },
          { names: ['made_in_the_next_century'], action: 'SCMP_ACT_ALLOW' },
        ],
      }),
    ['warning /linux/seccomp/syscalls/0/names/0', 'warning /linux/seccomp/syscalls/1/names/0'],
  ],
  [
    'denials that the call for many takes back',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
        syscalls: [
          { names: ['socketcall', 'semop'], action: 'SCMP_ACT_ALLOW' },
          { names: ['bind', 'shmat', 'chroot'], action: 'SCMP_ACT_ERRNO' },
          {
            names: ['ipc'],
            action: 'SCMP_ACT_ERRNO',
            args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }],
          },
        ],
      }),
    ['warning /linux/seccomp/syscalls/1/names/0', 'warning /linux/seccomp/syscalls/2/names/0'],
  ],
  [
    'the same denials where each call has its number',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: ['SCMP_ARCH_X86_64'],
        syscalls: [
          { names: ['socketcall'], action: 'SCMP_ACT_ALLOW' },
          { names: ['bind'], action: 'SCMP_ACT_ERRNO' },
        ],
      }),
    [],
  ],
])

const misspelled = (name: string) =>
  parseConfig(
    changed((c) => {
      const syscalls = [{ names: [name], action: 'SCMP_ACT_LOG' }]
      c.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls }
    }),
    'config.json',
  ).problems[0]

test('parseConfig() says what a misspelled system call was meant to be', () => {
  assert.equal(misspelled('opeen')?.hint, 'did you mean "open"?')
})

test('parseConfig() keeps quiet at run time of a name that may be of a kernel to come', () => {
  assert.equal(misspelled('opeen')?.quiet, undefined)
  assert.equal(misspelled('made_in_the_next_century')?.quiet, true)
})
