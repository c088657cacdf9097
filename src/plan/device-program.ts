// Compiles device rules to the eBPF program that cgroup v2 wants in place of a list.

import type { DeviceAccess } from './device-rules.ts'

// bpf(2), linux/bpf_common.h and linux/bpf.h: one instruction is eight bytes.
const LDX_W = 0x61
const ALU_AND_K = 0x54
const ALU_RSH_K = 0x74
const JMP_ALWAYS = 0x05
const JMP_NE_K = 0x55
const JMP_SET_K = 0x45
const MOV_K = 0xb7
const EXIT = 0x95

// struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor.
const TYPE = { b: 1, c: 2 } as const
const ACCESS = { m: 1, r: 2, w: 4 } as const

type Instruction = readonly [code: number, dst: number, src: number, off: number, imm: number]

/**
 * The program: registers r2 type, r3 access, r4 major, r5 minor; returns 1 to allow. The rules are
 * tried from the last to the first, so that the later one wins, as it does on v1. What a rule allows
 * is taken out of r3: reading by one and writing by another add up.
 */
export function compileDeviceProgram(rules: readonly DeviceAccess[]): Uint8Array {
  const program: Instruction[] = [
    [LDX_W, 2, 1, 0, 0],
    [ALU_AND_K, 2, 0, 0, 0xffff],
    [LDX_W, 3, 1, 0, 0],
    [ALU_RSH_K, 3, 0, 0, 16],
    [LDX_W, 4, 1, 4, 0],
    [LDX_W, 5, 1, 8, 0],
  ]
  for (const rule of rules.toReversed()) {
    const block = compileRule(rule)
    program.push(...block)
    if (block.length === 2) return assemble(program) // fits always: nothing before it counts
  }
  program.push([MOV_K, 0, 0, 0, 0], [EXIT, 0, 0, 0, 0])
  return assemble(program)
}

function compileRule({ allow, type, major, minor, access }: DeviceAccess): Instruction[] {
  const tests: ((skip: number) => Instruction)[] = []
  if (type !== 'a') tests.push((skip) => [JMP_NE_K, 2, 0, skip, TYPE[type]])
  const bits = [...access].reduce((sum, letter) => sum | ACCESS[letter as keyof typeof ACCESS], 0)
  if (major !== undefined) tests.push((skip) => [JMP_NE_K, 4, 0, skip, major])
  if (minor !== undefined) tests.push((skip) => [JMP_NE_K, 5, 0, skip, minor])
  if (bits !== 7 && allow) {
    // What is left must be allowed by a rule before this one.
    tests.push(
      () => [ALU_AND_K, 3, 0, 0, 7 & ~bits],
      (skip) => [JMP_NE_K, 3, 0, skip, 0],
    )
  } else if (bits !== 7) {
    // Denied is what has something in common with the rule's.
    tests.push(
      () => [JMP_SET_K, 3, 0, 1, bits],
      (skip) => [JMP_ALWAYS, 0, 0, skip, 0],
    )
  }
  const length = tests.length + 2
  return [
    ...tests.map((make, i) => make(length - i - 1)),
    [MOV_K, 0, 0, 0, allow ? 1 : 0],
    [EXIT, 0, 0, 0, 0],
  ]
}

function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(program.length * 8))
  program.forEach(([code, dst, src, off, imm], i) => {
    bytes.setUint8(i * 8, code)
    bytes.setUint8(i * 8 + 1, dst | (src << 4))
    bytes.setInt16(i * 8 + 2, off, true)
    bytes.setInt32(i * 8 + 4, imm, true)
  })
  return new Uint8Array(bytes.buffer)
}
