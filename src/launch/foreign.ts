// Every koffi declaration. Loaded when first asked for.

import koffi from 'koffi'
import { distFile } from './front-path.ts'

/** native/libtsoci.c. Each returns a negative errno when it fails. */
export function loadLibtsoci() {
  const library = koffi.load(distFile('libtsoci.so'))
  return {
    memoryFile: library.func('tsoci_memory_file', 'int', ['str']),
    lock: library.func('tsoci_lock', 'int', ['str']),
    namespaceRelation: library.func('tsoci_namespace_relation', 'int64', ['str', 'int']),
    namespaceOwnerUid: library.func('tsoci_namespace_owner_uid', 'int64', ['str']),
  }
}
