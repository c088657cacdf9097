// Tables of scripts that a client carries out through tsoci and, beside it, through crun: what they
// print, how they end, and that nothing stays behind.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Result } from '../kernel/container.ts'
import type { Host, HostView } from './host.ts'

export interface Case {
  /** What the client does, as the end of "podman …". */
  readonly what: string
  /** A shell script on a host where the client is set up. It removes what it made. */
  readonly script: string
  /** Exit code of the script; 0 when left out. */
  readonly code?: number
  /** Standard output, without the last newline. */
  readonly prints?: string | RegExp
  /** What has to be found in standard error. */
  readonly complains?: RegExp
  /** Why crun is not asked, or not expected to do the same. */
  readonly notCrun?: string
  /** Why it can't be done here. */
  readonly skip?: string | false
}

/** A client on two hosts. */
export interface Pair {
  /** A script that removes all containers, so that one failure is not the cause of the next. */
  readonly tidy: string
  readonly tsoci: Host
  /** Left out where crun is not installed. */
  readonly crun: Host | undefined
}

/** Carries the scripts out one after another, each as a test of its own. */
export async function tryCases(t: TestContext, pair: Pair, cases: readonly Case[]): Promise<void> {
  for (const it of cases) {
    await t.test(it.what, { skip: it.skip ?? false }, async (t) => {
      const before = await pair.tsoci.look()
      t.after(async () => {
        if (!isDone) await Promise.all([pair.tsoci.call(pair.tidy), pair.crun?.call(pair.tidy)])
      })
      let isDone = false
      const askCrun = () => (it.notCrun === undefined ? pair.crun?.call(it.script) : undefined)
      const [ours, first] = await Promise.all([pair.tsoci.call(it.script), askCrun()])
      checkResult(it, ours)
      if (first !== undefined && !isDeepStrictEqual(answer(ours), answer(first))) {
        // A race that crun or the client lost is not of ours.
        assert.deepEqual(answer(ours), answer((await askCrun())!), 'as through crun')
      }
      await assertNothingLeft(pair.tsoci, before)
      isDone = true
    })
  }
}

function checkResult(it: Case, { code, stdout, stderr }: Result): void {
  const told = `${it.script}\n${stdout}${stderr}`
  assert.equal(code, it.code ?? 0, told)
  const printed = stdout.replace(/\n$/, '')
  if (typeof it.prints === 'string') assert.equal(printed, it.prints, told)
  else if (it.prints !== undefined) assert.match(printed, it.prints, told)
  if (it.complains !== undefined) assert.match(stderr, it.complains, told)
}

// Clients name containers by random numbers.
function answer({ code, stdout }: Result): object {
  return { code, stdout: stdout.replace(/\b[0-9a-f]{12,64}\b/g, '(id)') }
}

/** Waits until the host is as it was; clients clean up behind their caller's back. */
export async function assertNothingLeft(host: Host, before: HostView): Promise<void> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const left = added(before, await host.look())
    if (left.length === 0) return
    if (Date.now() > deadline) assert.deepEqual(left, [], 'left behind')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function added(before: HostView, now: HostView): string[] {
  return (Object.keys(now) as (keyof HostView)[]).flatMap((kind) => {
    const rest = [...before[kind]]
    return now[kind].filter((it) => {
      const at = rest.indexOf(it)
      if (at >= 0) rest.splice(at, 1)
      return at < 0
    })
  })
}
