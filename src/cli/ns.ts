// tsoci ns: the namespaces of containers as a tree: below each user namespace those that it owns.

import { type NamespaceReport, type NamespaceView, namespaces } from '../runtime/namespaces.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

export async function run(args: Arguments): Promise<number> {
  const report = await namespaces(args.text('id'), { root: args.path('root') })
  if (args.text('format') === 'json') print(`${JSON.stringify(report, null, 2)}\n`)
  else print(drawNamespaces(report))
  return 0
}

/** The tree, and the limits below it. */
export function drawNamespaces({ namespaces: views, limits }: NamespaceReport): string {
  const ownerOf = (view: NamespaceView) => (view.type === 'user' ? view.parent : view.owner)
  const isShown = (inode: number | undefined) =>
    views.some(({ type, inode: own }) => type === 'user' && own === inode)
  const tops = views.filter((view) => !isShown(ownerOf(view)))
  const lines = tops.flatMap((view) => drawBranch(view, views, ownerOf))
  const table = limits.map(
    ({ type, limit, seen }) => `  ${type.padEnd(8)} ${String(seen).padStart(5)} of ${limit}`,
  )
  if (views.length === 0) lines.push('no container runs')
  return `${[...lines, '', 'seen, of those that a user may make:', ...table].join('\n')}\n`
}

function drawBranch(
  view: NamespaceView,
  views: readonly NamespaceView[],
  ownerOf: (view: NamespaceView) => number | undefined,
): string[] {
  const owned =
    view.type === 'user'
      ? views.filter((it) => it !== view && ownerOf(it) === view.inode).sort(byType)
      : []
  const branches = owned.flatMap((it, i) => {
    const isLast = i === owned.length - 1
    const [head, ...rest] = drawBranch(it, views, ownerOf)
    return [
      `${isLast ? '└─' : '├─'} ${head}`,
      ...rest.map((line) => `${isLast ? '  ' : '│ '} ${line}`),
    ]
  })
  return [describe(view), ...branches]
}

// User namespaces last: what they own stands below them.
function byType(a: NamespaceView, b: NamespaceView): number {
  const rank = (view: NamespaceView) => (view.type === 'user' ? 1 : 0)
  return rank(a) - rank(b) || a.type.localeCompare(b.type) || a.inode - b.inode
}

function describe({ type, inode, ownerUid, parent, ...view }: NamespaceView): string {
  const who = [...(view.host ? ['host'] : []), ...view.containers].join(', ') || 'others'
  const count = view.members.length === 1 ? '1 process' : `${view.members.length} processes`
  const nested = type === 'pid' && parent !== undefined ? `, in ${parent}` : ''
  const owned = ownerUid === undefined ? '' : `, of uid ${ownerUid}`
  return `${type} ${inode}: ${who} (${count}${nested}${owned})`
}
