// A value for every field of every operation, and the configurations of the sample bundles.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OPS } from '../../src/plan/layout.ts'
import { type FieldKind, type Op, STEP_FIELDS, type Step } from '../../src/plan/step.ts'
import { slot, text } from '../../src/plan/text.ts'
import type { Config } from '../../src/spec/config.ts'
import { parseConfig } from '../../src/spec/parse.ts'

const valueSets: Record<FieldKind, readonly unknown[]>[] = [
  {
    word: [0, 1, 0o755, 0xffff],
    text: ['/proc/self', 'a', '0 1000 1\n'],
    texts: [[], ['one'], ['PATH=/bin', 'HOME=/', '']],
    bytes: [new Uint8Array(), new Uint8Array([0, 1, 255, 0])],
  },
  {
    word: [0xffffffff, Number.MAX_SAFE_INTEGER, 2n ** 63n, 2n ** 64n - 1n],
    text: ['', 'Grüße, 世界 🌍', '\x01\x10', 'line\nline\t"quoted"'],
    texts: [[''], ['\x01', '\x01\x01'], Array.from({ length: 300 }, (_, i) => `item ${i}`)],
    bytes: [new Uint8Array(256).map((_, i) => i)],
  },
  {
    word: [2],
    text: [
      text`${slot('root')}/${slot('id')}`,
      text`${slot('status')}`,
      text`\x01${slot('id')}\x01\x01é`,
    ],
    texts: [[text`${slot('signal')}`, 'plain', text`x${slot('own-cgroup-15')}`]],
    bytes: [new Uint8Array([1, 16, 1, 1])],
  },
]

/** Steps of each operation with plain, extreme and template values. */
export function sampleSteps(op: Op): Step[] {
  return valueSets.map((values, n) => {
    const fields = Object.entries(STEP_FIELDS[op]).map(([name, kind], i) => {
      const choices = values[kind as FieldKind]
      return [name, choices[i % choices.length]] as const
    })
    const at = n === 0 ? {} : { at: `/sample/${n}/${op}` }
    return { op, ...at, ...Object.fromEntries(fields) } as unknown as Step
  })
}

/** Steps of every operation. */
export function allSampleSteps(): Step[] {
  return OPS.flatMap(sampleSteps)
}

const bundles = fileURLToPath(new URL('../../bundles', import.meta.url))

/** Names of the sample bundles. */
export function sampleBundles(): string[] {
  return readdirSync(bundles, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** A sample bundle's configuration. */
export function readSample(name: string): { config: Config; configText: string } {
  const file = join(bundles, name, 'config.json')
  const configText = readFileSync(file, 'utf8')
  const { config, problems } = parseConfig(configText, file)
  if (config === undefined) throw new Error(`${file}: ${JSON.stringify(problems)}`)
  return { config, configText }
}
