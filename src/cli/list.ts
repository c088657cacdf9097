// tsoci list: prints the containers below --root.

import { list } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'
import { type ListRow, layoutTable } from './table.ts'

const HEADER: ListRow = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER']

export async function run(args: Arguments): Promise<number> {
  const found = await list({ root: args.path('root') })
  if (args.has('quiet')) {
    process.stdout.write(found.map((it) => `${it.id}\n`).join(''))
  } else if (args.text('format') === 'json') {
    process.stdout.write(`${JSON.stringify(found)}\n`)
  } else {
    const rows = found.map((it) => [
      it.id,
      String(it.pid ?? 0),
      it.status,
      it.bundle,
      it.created,
      it.owner,
    ])
    process.stdout.write(layoutTable([HEADER, ...rows]))
  }
  return 0
}
