// Where systemd keeps a container: its scope, the slice of that, and the directory of both.

import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { slot, type Text, text } from './text.ts'

const AT = '/linux/cgroupsPath'
const SUBGROUP = 'run.oci.systemd.subgroup'

/** A scope, and the cgroup in it that is the container's. */
export interface ScopeUnit {
  readonly unit: Text
  readonly slice: string
  /** Cgroup of the scope, from that of its systemd: `/system.slice/tsoci-ID.scope`. */
  readonly path: Text
  /** `/NAME` when the container lives in a cgroup below the scope's own; else empty. */
  readonly subgroup: string
}

/**
 * The unit that linux.cgroupsPath asks for: SLICE:PREFIX:NAME is PREFIX-NAME.scope in SLICE, as the
 * peers have it. What is left out is the default: system.slice, or user.slice of an ordinary user.
 */
export function chooseScope(config: Config, isUser: boolean): ScopeUnit {
  const [slice, unit] = readPath(config.linux?.cgroupsPath ?? '')
  const inSlice = slice === '' ? (isUser ? 'user.slice' : 'system.slice') : slice
  return {
    unit,
    slice: inSlice,
    path: text`${slicePath(inSlice)}/${unit}`,
    subgroup: readSubgroup(config),
  }
}

function readPath(path: string): [slice: string, unit: Text] {
  if (path === '') return ['', text`tsoci-${slot('id')}.scope`]
  const parts = path.split(':')
  if (parts.length < 2 || parts.length > 3) {
    throw badPath(`cannot use cgroupsPath "${path}" with systemd`, 'write it as slice:prefix:name')
  }
  const name = parts.at(-1)!
  const prefix = parts.length === 3 ? parts[1]! : ''
  const unit = `${prefix === '' ? '' : `${prefix}-`}${name}.scope`
  if (name === '' || name.endsWith('.slice') || !/^[\w:.\\@-]{1,255}$/.test(unit)) {
    throw badPath(
      `cannot name a scope "${unit}"`,
      'a unit has letters, digits and :-_.\\@ in its name, 255 at most; it is no slice',
    )
  }
  return [parts[0]!, unit]
}

/**
 * The directory of a slice: each dash is a level, so that a-b.slice lies in a.slice (systemd.slice(5)).
 */
export function slicePath(slice: string): string {
  const stem = slice.replace(/\.slice$/, '')
  if (stem === '-' && slice !== stem) return ''
  const words = stem.split('-')
  if (stem === slice || words.includes('') || !/^[\w:.\\@-]{1,249}$/.test(stem)) {
    throw badPath(
      `cannot put a scope into the slice "${slice}"`,
      'name it as in machine.slice or user-1000.slice',
    )
  }
  return words.map((_, i) => `/${words.slice(0, i + 1).join('-')}.slice`).join('')
}

function readSubgroup(config: Config): string {
  const name = config.annotations?.[SUBGROUP]
  if (name === undefined || name === '') return ''
  if (!/^[^/]{1,255}$/.test(name) || name === '.' || name === '..') {
    throw new TsociError('BAD_CONFIG', `cannot make a cgroup "${name}" below the scope`, {
      at: `/annotations/${SUBGROUP}`,
      hint: `write the name of one directory into the annotation ${SUBGROUP}`,
    })
  }
  return `/${name}`
}

function badPath(message: string, hint: string): TsociError {
  return new TsociError('BAD_CONFIG', message, { at: AT, hint })
}
