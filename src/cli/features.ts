// tsoci features: prints what this runtime can do (features.md of the specification).

import { CAPABILITIES } from '../linux/capabilities.ts'
import {
  ATTRIBUTE_WORDS,
  EMPTY_WORDS,
  PROPAGATION_WORDS,
  RECURSIVE_WORDS,
  SUPERBLOCK_WORDS,
} from '../linux/mounts.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
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
    mountOptions,
    linux: {
      namespaces: Object.keys(NAMESPACE_FILES).sort(),
      capabilities: Object.keys(CAPABILITIES),
      cgroup: { v1: true, v2: true, systemd: false, systemdUser: false, rdma: false },
      seccomp: { enabled: false },
      apparmor: { enabled: false },
      selinux: { enabled: false },
      intelRdt: { enabled: false },
      mountExtensions: { idmap: { enabled: false } },
      netDevices: { enabled: false },
    },
    annotations: {
      'org.tsoci.version': tsociVersion(),
      'org.tsoci.commit': tsociCommit(),
    },
    potentiallyUnsafeConfigAnnotations: [],
  }
}

// What does not go to the file system as it is.
const mountOptions = [
  'bind',
  'rbind',
  ...Object.keys(ATTRIBUTE_WORDS),
  ...Object.keys(RECURSIVE_WORDS),
  ...Object.keys(PROPAGATION_WORDS),
  ...SUPERBLOCK_WORDS,
  ...EMPTY_WORDS,
].sort()
