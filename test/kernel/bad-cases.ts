// What the tables of bad configurations are written with.

import type { Config, Linux, Mount, Process, Resources } from '../../src/spec/config.ts'
import { type Change, dropNamespace, setNamespaces } from './container.ts'

export interface Case {
  /** The JSON pointer that the error names. */
  readonly at: string
  readonly why: string
  readonly change: Change
  /** Why this host can do it, or can't try. */
  readonly unless?: string | false
}

const put = (target: object, values: object) => void Object.assign(target, values)
export const top =
  (values: Partial<Record<keyof Config, unknown>>): Change =>
  (config) =>
    put(config, values)
export const ofProcess =
  (values: { [K in keyof Process]?: unknown }): Change =>
  (config) =>
    put(config.process, values)
export const ofLinux =
  (values: { [K in keyof Linux]?: unknown }): Change =>
  (config) =>
    put(config.linux, values)
export const limits =
  (values: Resources): Change =>
  (config) =>
    put(config.linux.resources, values)
export const mount =
  (values: Partial<Mount>): Change =>
  (config) => {
    config.mounts.push({ destination: '/mnt', ...values })
  }
export const without =
  (type: 'network' | 'mount', change: Change): Change =>
  (config) => {
    change(config)
    dropNamespace(config, type)
    if (type === 'mount') {
      config.mounts = []
      config.root.readonly = false
    }
  }
export const both =
  (...changes: Change[]): Change =>
  (config) => {
    for (const change of changes) change(config)
  }
export const map = (hostID = 200_000, size = 65_536) => [{ containerID: 0, hostID, size }]
export const mapped: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  put(config.linux, { uidMappings: map(), gidMappings: map() })
}
export const filter = (values: object): Change =>
  ofLinux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', ...values } })
export const rule = (values: object): Change =>
  filter({ syscalls: [{ names: ['mkdir'], ...values }] })
export const note = (name: string, value: string): Change => top({ annotations: { [name]: value } })
export const disk = { major: 999, minor: 0 }
