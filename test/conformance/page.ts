// docs/conformance.md: from rows and from what was found, and back.

import type { Does, Row } from './row.ts'

export interface Section {
  readonly title: string
  readonly rows: readonly Row[]
}

/** What tsoci was seen to do; nothing of the rows that were skipped. */
export type Found = Map<Row, Does>

const HEAD = `# Conformance

What becomes of the properties of \`config.json\`, in runc, crun, youki and tsoci. The columns of the
others come from reading their sources of August 2026 (runc after 1.5.0-rc.1, crun after 1.29.1, youki
after 0.7.0), not from running them. The last column is written by the tests: each row is a test in
\`test/conformance/\` that tries it on the kernel, names the case in a virtual machine that does
(cgroup v2, systemd, AppArmor, SELinux), or compares what the plan writes where hardware is rare.

- **yes**: done as the row says. **partly**: some of it is missing. **no**: not done, in silence.
- **refused**: an error at create. **-**: means nothing on Linux, or was not looked at.

\`UPDATE=1 node --import tsx --test test/conformance/conformance.test.ts\` writes this page. A row that
can't be tried on the host keeps what it says.
`

/** The page. What was not tried keeps what an earlier page said, or what the row says. */
export function writePage(
  sections: readonly Section[],
  found: Found,
  recorded: ReadonlyMap<string, string>,
): string {
  const parts = sections.map(({ title, rows }) => {
    const cells = rows.map((row) => {
      const tsoci = found.get(row) ?? recorded.get(`${title} ${row.property}`) ?? row.tsoci
      return [row.property, row.runc, row.crun, row.youki, tsoci]
    })
    return `\n## ${title}\n\n${writeTable([['', 'runc', 'crun', 'youki', 'tsoci'], ...cells])}`
  })
  return [HEAD, ...parts].join('')
}

/** The last column of each row, by title and property. */
export function readPage(text: string): Map<string, string> {
  const recorded = new Map<string, string>()
  let title = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) title = line.slice(3)
    const cells = line.split('|').map((cell) => cell.trim())
    if (cells.length === 7) recorded.set(`${title} ${cells[1]}`, cells[5]!)
  }
  return recorded
}

function writeTable([head, ...rows]: readonly string[][]): string {
  const all = [head!, ...rows]
  const widths = head!.map((_, i) => Math.max(3, ...all.map((cells) => cells[i]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |\n`
  return line(head!) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join('')
}
