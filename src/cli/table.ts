// Lays out rows of text in columns, as runc's list does.

import { printable } from '../log.ts'

export type ListRow = readonly string[]

// Go's tabwriter as runc sets it up. Scripts cut the columns out by their place.
const MIN_WIDTH = 12
const PADDING = 3

/** Rows as lines of text, each column as wide as its widest cell. The last one is not padded. */
export function layoutTable(cells: readonly ListRow[]): string {
  const rows = cells.map((row) => row.map((cell) => printable(cell).replaceAll('\n', '\\n')))
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(MIN_WIDTH, ...rows.map((row) => [...(row[at] ?? '')].length + PADDING)),
  )
  const lines = rows.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : pad(cell, widths[at]!))).join(''),
  )
  return lines.map((line) => `${line}\n`).join('')
}

// By code points, as Go counts.
function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length))
}
