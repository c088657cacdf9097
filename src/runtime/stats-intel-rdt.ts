// What resctrl tells about a container's class.

import { join } from 'node:path'
import { readResctrl } from '../host/resctrl.ts'
import { parseCount, readFile } from './stats-text.ts'
import { readStoredConfig } from './stored-config.ts'

const L3_FILES = ['cbm_mask', 'min_cbm_bits', 'num_closids'] as const
const MEMORY_FILES = ['bandwidth_gran', 'delay_linear', 'min_bandwidth', 'num_closids'] as const

/** Nothing, where the config asks for no class or the host has none. */
export function readIntelRdt(root: string, id: string): Readonly<Record<string, unknown>> {
  const base = readResctrl()
  if (base === undefined) return {}
  const rdt = readStoredConfig(root, id).linux?.intelRdt
  return rdt === undefined ? {} : readClass(base, join(base, rdt.closID || id))
}

/** The schemata of the class and of the whole, and what the hardware can do. */
export function readClass(base: string, dir: string): Readonly<Record<string, unknown>> {
  const linesOf = (of: string) =>
    (readFile(of, 'schemata') ?? '').split('\n').map((line) => line.trim())
  const whole = linesOf(base)
  const own = linesOf(dir)
  const found: Record<string, unknown> = {}
  const kinds = [
    ['L3', 'l3_cache', L3_FILES],
    ['MB', 'mem_bw', MEMORY_FILES],
  ] as const
  for (const [kind, name, files] of kinds) {
    const info = join(base, 'info', kind)
    if (readFile(info, 'num_closids') === undefined) continue
    const values = files.map((file) => {
      const text = readFile(info, file)
      return [file, file === 'cbm_mask' ? text : parseCount(text)]
    })
    found[`${name}_info`] = Object.fromEntries(values)
    found[`${name}_schema_root`] = whole.find((line) => line.startsWith(kind))
    found[`${name}_schema`] = own.find((line) => line.startsWith(kind))
  }
  return { ...found, schemata: own.filter((line) => line !== '') }
}
