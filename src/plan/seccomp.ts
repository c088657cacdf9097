// Plans the seccomp filter: when it is loaded, and what it says to system calls it never heard of.

import { SECCOMP_ACTIONS, SECCOMP_NEW_LISTENER } from '../linux/seccomp.ts'
import type { Config, Seccomp } from '../spec/config.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
import { annotation } from '../spec/rules-annotations.ts'
import { containerState } from './hooks.ts'
import type { Step } from './step.ts'
import { concat, slot, type Text, text } from './text.ts'

/** A filter as seccomp(2) takes it. */
export interface SeccompFilter {
  /** struct sock_filter, eight bytes each. */
  readonly program: Uint8Array
  /** SECCOMP_FILTER_FLAG_* */
  readonly flags: number
}

/** The highest system call number that a profile names for an architecture (AUDIT_ARCH_*). */
export interface NewestSyscall {
  readonly arch: number
  readonly number: number
}

const ENOSYS = 38
const X32_BIT = 0x40000000

// linux/filter.h; offsets in struct seccomp_data.
const LOAD_WORD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_GREATER = 0x25
const JUMP_GREATER_EQUAL = 0x35
const RETURN = 0x06
const NUMBER_AT = 0
const ARCH_AT = 4

type Instruction = readonly [code: number, jt: number, jf: number, k: number]

/**
 * Puts a prologue in front of a program: a system call newer than all that the profile knows ends
 * with ENOSYS and not with the profile's error, so that a C library falls back to the older call
 * instead of giving up.
 */
export function refuseNewerSyscalls(
  program: Uint8Array,
  profile: Seccomp,
  newest: readonly NewestSyscall[],
): Uint8Array {
  // Only a profile that answers with an error lies about what the kernel has.
  if (profile.defaultAction !== 'SCMP_ACT_ERRNO') return program
  const known = newest.filter(({ number }) => number > 0)
  if (known.length === 0) return program
  const enosys = SECCOMP_ACTIONS.SCMP_ACT_ERRNO | ENOSYS
  const prologue: Instruction[] = []
  known.forEach(({ arch, number }) => {
    // x32 shares the number space of x86-64 above this bit: the program itself decides there.
    prologue.push(
      [LOAD_WORD, 0, 0, ARCH_AT],
      [JUMP_EQUAL, 0, 4, arch],
      [LOAD_WORD, 0, 0, NUMBER_AT],
      [JUMP_GREATER_EQUAL, 2, 0, X32_BIT],
      [JUMP_GREATER, 0, 1, number],
      [RETURN, 0, 0, enosys],
    )
  })
  return Buffer.concat([assemble(prologue), program])
}

/** A program that ends with another action wherever it ended with this one. */
export function replaceAction(program: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = Buffer.from(program)
  for (let at = 0; at < bytes.length; at += 8) {
    const ends = bytes.readUInt16LE(at) === RETURN && bytes.readUInt32LE(at + 4) === from
    if (ends) bytes.writeUInt32LE(to, at + 4)
  }
  return bytes
}

function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8)
  instructions.forEach(([code, jt, jf, k], i) => {
    bytes.writeUInt16LE(code, i * 8)
    bytes.writeUInt8(jt, i * 8 + 2)
    bytes.writeUInt8(jf, i * 8 + 3)
    bytes.writeUInt32LE(k >>> 0, i * 8 + 4)
  })
  return bytes
}

/**
 * The step that loads the filter. Without no_new_privs that takes CAP_SYS_ADMIN, so it comes before
 * privilege is given up; with it the filter comes last, and need allow nothing of our own but exec.
 * A filter that asks an agent is handed over while the parent is still there, so before the gate.
 */
export function planSeccomp(
  config: Config,
  filter: SeccompFilter | undefined,
  when: 'with-privilege' | 'before-gate' | 'last',
): Step[] {
  if (filter === undefined) return []
  const late = hasListener(filter) ? 'before-gate' : 'last'
  const place = config.process?.noNewPrivileges === true ? late : 'with-privilege'
  if (place !== when) return []
  return [{ op: 'seccomp', at: '/linux/seccomp', program: filter.program, flags: filter.flags }]
}

/**
 * Parent: hands the listener of a filter with SCMP_ACT_NOTIFY to the agent, with the container
 * process state (config-linux.md "The Container Process State"). `init` is the container's where
 * the process is another.
 */
export function planSeccompAgent(
  config: Config,
  filter: SeccompFilter | undefined,
  init?: Text,
): Step[] {
  const { listenerPath = annotation(config, 'run.oci.seccomp.receiver'), listenerMetadata } =
    config.linux?.seccomp ?? {}
  if (filter === undefined || listenerPath === undefined || !hasListener(filter)) return []
  const metadata: Text =
    listenerMetadata === undefined ? '' : `"metadata":${JSON.stringify(listenerMetadata)},`
  const state = concat(
    `{"ociVersion":"${SPEC_VERSION}","fds":["seccompFd"],"pid":`,
    text`${slot('pid')},`,
    metadata,
    '"state":',
    init === undefined
      ? containerState(config, 'creating')
      : containerState(config, 'running', init),
    '}',
  )
  return [{ op: 'seccomp-agent', at: '/linux/seccomp/listenerPath', path: listenerPath, state }]
}

function hasListener(filter: SeccompFilter): boolean {
  return (filter.flags & SECCOMP_NEW_LISTENER) !== 0
}
