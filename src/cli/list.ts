// tsoci list: prints the containers below --root.

import { list, listNames } from '../runtime/list.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'
import { type ListRow, layoutTable } from './table.ts'

const HEADER: ListRow = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER']

export async function run(args: Arguments): Promise<number> {
  if (args.has('quiet')) {
    print(
      listNames({ root: args.path('root') })
        .map((id) => `${id}\n`)
        .join(''),
    )
    return 0
  }
  const found = await list({
    root: args.path('root'),
    onUnreadable: ({ message }) => args.log.warn(message),
  })
  if (args.text('format') === 'json') {
    print(`${JSON.stringify(found)}\n`)
  } else {
    const rows = found.map((it) => [
      it.id,
      String(it.pid ?? 0),
      it.status,
      it.bundle,
      it.created,
      it.owner,
    ])
    print(layoutTable([HEADER, ...rows]))
  }
  return 0
}
