// Every koffi declaration: our own library, and libseccomp. Loaded when first asked for.

import { join } from 'node:path'
import koffi from 'koffi'
import { TsociError } from '../errors.ts'
import { dist } from './front-path.ts'

type Pointer = object
type Library = ReturnType<typeof koffi.load>

/** native/libtsoci.c. Each returns a negative errno when it fails. */
export function loadLibtsoci() {
  const library = koffi.load(join(dist, 'libtsoci.so'))
  return {
    memoryFile: library.func('tsoci_memory_file', 'int', ['str']),
    lock: library.func('tsoci_lock', 'int', ['str']),
    namespaceRelation: library.func('tsoci_namespace_relation', 'int64', ['str', 'int']),
    namespaceOwnerUid: library.func('tsoci_namespace_owner_uid', 'int64', ['str']),
  }
}

/** One comparison of an argument: struct scmp_arg_cmp. */
export interface ArgumentComparison {
  readonly arg: number
  readonly op: number
  readonly a: number | bigint
  readonly b: number | bigint
}

/** seccomp(3), the functions that build and export a filter. Each returns a negative errno. */
export interface Libseccomp {
  init(action: number): Pointer | null
  release(filter: Pointer): void
  /** Token of an architecture in lower case, 0 for an unknown one. */
  archResolve(name: string): number
  archNative(): number
  archAdd(filter: Pointer, token: number): number
  /** Number of a system call there; -1 for an unknown one, less for one that is not native. */
  syscallResolve(arch: number, name: string): number
  setAttribute(filter: Pointer, attribute: number, value: number): number
  addRule(
    filter: Pointer,
    action: number,
    syscall: number,
    count: number,
    comparisons: readonly ArgumentComparison[],
  ): number
  exportBpf(filter: Pointer, fd: number): number
}

export function loadLibseccomp(): Libseccomp {
  let library: Library
  try {
    library = koffi.load('libseccomp.so.2')
  } catch (cause) {
    throw new TsociError(
      'NOT_SUPPORTED',
      'cannot make a seccomp filter: libseccomp.so.2 is missing',
      {
        hint: 'install it (package libseccomp2 or libseccomp), or remove linux.seccomp',
        cause,
      },
    )
  }
  const comparison = koffi.struct({ arg: 'uint', op: 'int', a: 'uint64', b: 'uint64' })
  return {
    init: library.func('seccomp_init', 'void *', ['uint32']),
    release: library.func('seccomp_release', 'void', ['void *']),
    archResolve: library.func('seccomp_arch_resolve_name', 'uint32', ['str']),
    archNative: library.func('seccomp_arch_native', 'uint32', []),
    archAdd: library.func('seccomp_arch_add', 'int', ['void *', 'uint32']),
    syscallResolve: library.func('seccomp_syscall_resolve_name_arch', 'int', ['uint32', 'str']),
    setAttribute: library.func('seccomp_attr_set', 'int', ['void *', 'int', 'uint32']),
    addRule: library.func('seccomp_rule_add_array', 'int', [
      'void *',
      'uint32',
      'int',
      'uint',
      koffi.pointer(comparison),
    ]),
    exportBpf: library.func('seccomp_export_bpf', 'int', ['void *', 'int']),
  } as Libseccomp
}
