// tsoci enter: runs a program of the host in namespaces of a container.

import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import { enter } from '../runtime/enter.ts'
import type { NamespaceType } from '../spec/config.ts'
import type { Arguments } from './arguments.ts'

export async function run(args: Arguments): Promise<number> {
  const types = Object.keys(NAMESPACE_FILES) as NamespaceType[]
  return await enter(args.text('id')!, args.rest, {
    root: args.path('root'),
    namespaces: types.filter((type) => args.has(type === 'network' ? 'net' : type)),
  })
}
