// tsoci features: prints what this runtime can do (features.md of the specification).

import { CAPABILITIES } from '../linux/capabilities.ts'
import { listMountOptions } from '../linux/mounts.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from '../linux/scheduling.ts'
import {
  SECCOMP_ACTIONS,
  SECCOMP_ARCHITECTURES,
  SECCOMP_FLAGS,
  SECCOMP_OPERATORS,
} from '../linux/seccomp.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
import { ANNOTATIONS } from '../spec/rules-annotations.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'
import { tsociCommit, tsociVersion } from './version.ts'

export async function run(_args: Arguments): Promise<number> {
  print(`${JSON.stringify(features(), null, 2)}\n`)
  return 0
}

/**
 * The features document. It tells what tsoci can do, never what this host can: engines keep it.
 * What the runtime refuses as not supported yet is false here.
 */
export function features() {
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: SPEC_VERSION,
    hooks: [
      'prestart',
      'createRuntime',
      'createContainer',
      'startContainer',
      'poststart',
      'poststop',
    ],
    mountOptions: listMountOptions(),
    linux: {
      namespaces: Object.keys(NAMESPACE_FILES).sort(),
      capabilities: Object.keys(CAPABILITIES),
      cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp: {
        enabled: true,
        actions: Object.keys(SECCOMP_ACTIONS),
        operators: Object.keys(SECCOMP_OPERATORS),
        archs: [...SECCOMP_ARCHITECTURES],
        knownFlags: Object.keys(SECCOMP_FLAGS),
        supportedFlags: Object.keys(SECCOMP_FLAGS),
      },
      apparmor: { enabled: true },
      selinux: { enabled: true },
      memoryPolicy: {
        modes: Object.keys(MEMORY_POLICY_MODES),
        flags: Object.keys(MEMORY_POLICY_FLAGS),
      },
      intelRdt: { enabled: true, schemata: true, monitoring: true },
      mountExtensions: { idmap: { enabled: true } },
      netDevices: { enabled: true },
    },
    annotations: {
      'org.tsoci.version': tsociVersion(),
      'org.tsoci.commit': tsociCommit(),
    },
    potentiallyUnsafeConfigAnnotations: [...ANNOTATIONS],
  }
}
