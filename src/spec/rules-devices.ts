// Rules of devices, and of network devices.

import type { Config, Device } from './config.ts'
import { error, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'
import { namespaceOf } from './rules-namespaces.ts'

/** What the kernel takes for the name of a network device: IFNAMSIZ with its NUL. */
const MAX_NET_NAME = 15

const S_IFMT = 0o170000
/** What stat(2) has for them, above the permissions. */
const KINDS = { p: 1, c: 2, u: 2, b: 6 } as const

/** Largest numbers of a device, 12 and 20 bits. */
const MAX_MAJOR = 0xfff
const MAX_MINOR = 0xfffff

export const DEVICE_RULES: readonly Rule[] = [
  { reads: ['/linux/devices'], check: checkDevices },
  { reads: ['/linux/netDevices', '/linux/namespaces'], check: checkNetDevices },
]

function checkDevices({ linux }: Config): Problem[] {
  const problems: Problem[] = []
  const byPath = new Map<string, Device>()
  const byNumber = new Map<string, Device>()
  for (const [i, device] of (linux?.devices ?? []).entries()) {
    const path = ['linux', 'devices', i]
    problems.push(...checkNumbers(device, i), ...checkMode(device, i))
    const before = byPath.get(device.path)
    if (before !== undefined && numberOf(before) !== numberOf(device)) {
      const message = `${quote(device.path)} is already another device`
      problems.push(
        error([...path, 'path'], message, {
          hint: 'give it another path, or remove one of the two',
        }),
      )
    } else if (before !== undefined) {
      problems.push(warning(path, `${quote(device.path)} comes twice`))
    } else if (device.type !== 'p') {
      const same = byNumber.get(numberOf(device))
      if (same !== undefined) {
        const message = `${quote(device.path)} is the same device as ${quote(same.path)}`
        problems.push(warning(path, message))
      }
    }
    byPath.set(device.path, device)
    byNumber.set(numberOf(device), device)
  }
  return problems
}

function checkNumbers(device: Device, i: number): Problem[] {
  if (device.type === 'p') return []
  return (['major', 'minor'] as const).flatMap((key) => {
    const number = device[key]
    const most = key === 'major' ? MAX_MAJOR : MAX_MINOR
    if (number === undefined) {
      return [
        warning(
          ['linux', 'devices', i],
          `device ${quote(device.path)} without a ${key} number: taken for 0`,
        ),
      ]
    }
    if (number >= 0 && number <= most) return []
    return [error(['linux', 'devices', i, key], `found ${number}`, { expected: `0 to ${most}` })]
  })
}

// st_mode of a file has its type in it, and some callers send all of that.
function checkMode({ type, fileMode = 0 }: Device, i: number): Problem[] {
  const said = (fileMode & S_IFMT) >>> 12
  if (said === 0 || said === KINDS[type]) return []
  const message = `mode 0${fileMode.toString(8)} is of another type of file than "${type}"`
  const expected = 'permissions alone, at most 4095'
  return [error(['linux', 'devices', i, 'fileMode'], message, { expected })]
}

function numberOf({ type, major, minor }: Device): string {
  if (type === 'p') return 'p'
  return `${type === 'b' ? 'b' : 'c'} ${major}:${minor}`
}

function checkNetDevices(config: Config): Problem[] {
  const devices = Object.entries(config.linux?.netDevices ?? {})
  if (devices.length === 0) return []
  const problems: Problem[] = []
  if (namespaceOf(config, 'network') === undefined) {
    problems.push(
      error(['linux', 'netDevices'], 'cannot move network devices: no private network namespace', {
        hint: 'add {"type": "network"} to linux.namespaces, or remove netDevices',
      }),
    )
  }
  const taken = new Map<string, string>()
  for (const [host, { name }] of devices) {
    const path = ['linux', 'netDevices', host]
    if (!isNetName(host)) {
      problems.push(
        error(path, `${quote(host)} is no name of a network device`, {
          key: true,
          expected: 'a name as ip link shows it',
        }),
      )
    }
    if (name && !isNetName(name)) {
      problems.push(
        error([...path, 'name'], `${quote(name)} is no name of a network device`, {
          expected: '1 to 15 characters without / and blanks',
        }),
      )
    }
    const inside = name || host
    const other = taken.get(inside)
    // The kernel makes each name with %d unique.
    if (other !== undefined && !inside.includes('%d')) {
      const message = `${quote(host)} and ${quote(other)} get the same name ${quote(inside)}`
      problems.push(error(path, message, { hint: 'give one of them another name' }))
    }
    taken.set(inside, host)
  }
  return problems
}

/** May a network device have this name? The rule of dev_valid_name() in net/core/dev.c. */
export function isNetName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false
  return Buffer.byteLength(name) <= MAX_NET_NAME && !/[/:\s]/.test(name)
}
