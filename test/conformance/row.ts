// One row of docs/conformance.md: a property of config.json, what each runtime does, and the proof.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { listCgroups, planCgroups } from '../../src/plan/cgroups.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Config, Resources } from '../../src/spec/config.ts'
import { type Change, type Draft, openSite, type Site, whyNot } from '../kernel/container.ts'
import { createOptions, withLayout } from '../plan/facts.ts'

/** "-": it means nothing on Linux. "refused": told as an error, and nothing is started. */
export type Does = 'yes' | 'partly' | 'no' | 'refused' | '-'

export interface Row {
  /** The property, by its place and name in config.json. */
  readonly property: string
  readonly runc: Does
  readonly crun: Does
  readonly youki: Does
  readonly tsoci: Does
  /** Why this can't be tried here; false when it can. */
  readonly skip: string | false
  /** Throws when tsoci does not do what the row says. */
  readonly proof: (t: TestContext) => void | Promise<void>
}

/** What runc, crun and youki do, one letter each: y, p(artly), n, r(efused), or -. */
export type Peers = string

const WORDS: Readonly<Record<string, Does>> = {
  y: 'yes',
  p: 'partly',
  n: 'no',
  r: 'refused',
  '-': '-',
}

export type Proof = Pick<Row, 'skip' | 'proof'>

/** A row where tsoci does it all. */
export function row(property: string, peers: Peers, proof: Proof, tsoci: Does = 'yes'): Row {
  const [runc, crun, youki] = [...peers].map((letter) => WORDS[letter])
  assert.ok(runc && crun && youki, `${property}: ${peers}`)
  return { property, runc, crun, youki, tsoci, ...proof }
}

/** A script in a container prints these lines. */
export function prints(script: string, change: Change, lines: readonly (string | RegExp)[]): Proof {
  return tries((site) => compareLines(site.lines(script, change), lines))
}

/** Create tells this error, and leaves nothing. */
export function refuses(change: (config: Draft) => void, message: RegExp): Proof {
  return tries((site) => {
    const { code, stderr } = site.run('true', change)
    assert.equal(code, 1, stderr)
    assert.match(stderr, message)
    assert.deepEqual(site.ids(), [])
  })
}

/** The container runs, and the engine is told this. */
export function warns(change: (config: Draft) => void, message: RegExp): Proof {
  return tries((site) => {
    const { code, stderr } = site.run('true', change)
    assert.equal(code, 0, stderr)
    assert.match(stderr, message)
  })
}

/** Anything else that is tried with containers. */
export function tries(check: (site: Site, t: TestContext) => void | Promise<void>): Proof {
  return triesIf(whyNot(), check)
}

/** The same, where nothing but this reason speaks against it. */
export function triesIf(
  skip: string | false,
  check: (site: Site, t: TestContext) => void | Promise<void>,
): Proof {
  return { skip: whyNot() || skip, proof: (t) => check(openSite(t), t) }
}

const VM = new URL('../vm/', import.meta.url)

/** A case in a virtual machine shows it: this only sees to it that the case is there. */
export function inMachine(file: string, why: string): Proof {
  return {
    skip: false,
    proof(t) {
      const text = readFileSync(new URL(file, VM), 'utf8')
      assert.ok(text.includes(`'${why}'`), `test/vm/${file} has no case '${why}'`)
      t.skip(`shown in a virtual machine by test/vm/${file}: ${why}`)
    },
  }
}

const { cgroups } = readHostFacts()

/** A limit lands in a file of the host's cgroups. */
export function limits(
  resources: Resources,
  v1: readonly [controller: string, file: string, value: string | RegExp] | undefined,
  v2: readonly [file: string, value: string | RegExp] | undefined,
): Proof {
  const isV2 = cgroups.layout === 'v2'
  const wanted = isV2 ? v2 : v1?.slice(1)
  const controller = isV2 ? v2?.[0].split('.')[0] : v1?.[0]
  const found = isV2
    ? cgroups.ownControllers.includes(controller ?? '')
    : cgroups.v1.some(({ controllers }) => controllers.includes(controller ?? ''))
  const layout = isV2 ? 'v2' : 'v1'
  const skip =
    wanted === undefined
      ? `cgroup ${layout} has no file for it`
      : !found && `this host has no ${controller} controller`
  return triesIf(skip, (site, t) => {
    const id = site.create((config) => void Object.assign(config.linux.resources, resources))
    const file = join(site.cgroup(id, controller!), wanted![0] as string)
    if (!existsSync(file)) return t.skip(`this kernel has no ${wanted![0]}`)
    compareLines([readFileSync(file, 'utf8').trim()], [wanted![1]!])
  })
}

/** A plan for a host with this layout writes these files: for controllers that few hosts have. */
export function plans(
  layout: 'v1' | 'v2',
  controller: string,
  resources: Resources,
  writes: readonly string[],
): Proof {
  const host = structuredClone(withLayout(layout))
  const hierarchy = layout === 'v1' ? host.cgroups.v1[0]! : host.cgroups.v2!
  const more = { ...hierarchy, controllers: [...hierarchy.controllers, controller] }
  const all =
    layout === 'v1'
      ? { ...host.cgroups, v1: [more, ...host.cgroups.v1.slice(1)] }
      : { ...host.cgroups, v2: more }
  const config: Config = {
    ociVersion: '1.3.0',
    root: { path: 'rootfs' },
    process: { cwd: '/', args: ['true'] },
    linux: { namespaces: [{ type: 'mount' }], resources },
  }
  return {
    skip: false,
    proof() {
      const facts = { ...host, cgroups: all }
      const steps = planCgroups(config, facts, listCgroups(config, facts, createOptions))
      const text = steps.map((step) => describeStep(step)).join('\n')
      for (const words of writes) assert.ok(text.includes(words), `${words} in ${text}`)
    },
  }
}

function compareLines(lines: readonly string[], wanted: readonly (string | RegExp)[]): void {
  const text = lines.join('\n')
  assert.equal(lines.length, wanted.length, text)
  for (const [i, expected] of wanted.entries()) {
    if (typeof expected === 'string') assert.equal(lines[i], expected, text)
    else assert.match(lines[i]!, expected, text)
  }
}
