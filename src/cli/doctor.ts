// tsoci doctor: tells what this host offers to containers.

import { examineHost, type Finding, isPrivileged } from '../host/doctor.ts'
import { probeHost } from '../host/probe.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

/** Exit code 1: something is missing without which no container runs. */
export async function run(args: Arguments): Promise<number> {
  const host = probeHost()
  const findings = examineHost(host)
  const isUsable = findings.every((it) => it.essential !== true || it.status !== 'missing')
  if (args.has('json')) {
    const answer = { usable: isUsable, privileged: isPrivileged(host), findings }
    print(`${JSON.stringify(answer, null, 2)}\n`)
  } else {
    print(describeFindings(findings))
  }
  return isUsable ? 0 : 1
}

/** Findings as text, by area; below what is not in order stands what it costs and what mends it. */
export function describeFindings(findings: readonly Finding[]): string {
  const lines: string[] = []
  let area = ''
  for (const finding of findings) {
    if (finding.area !== area) {
      area = finding.area
      if (lines.length > 0) lines.push('')
      lines.push(area)
    }
    lines.push(`  ${finding.status.padEnd(8)}${finding.name}: ${finding.detail}`)
    if (finding.cost !== undefined) lines.push(`            costs: ${finding.cost}`)
    if (finding.mend !== undefined) lines.push(`            mend:  ${finding.mend}`)
  }
  return `${lines.join('\n')}\n`
}
