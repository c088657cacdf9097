// Faults in front of a step: the test build of the executor, called without the JavaScript engine.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readHostFacts } from '../../src/host/facts.ts'
import { explainFailure } from '../../src/launch/explain.ts'
import { FAILURE_SIZE, type Failure, parseFailure } from '../../src/launch/failure.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { encodeRequest } from '../../src/plan/encode.ts'
import type { PlanOptions } from '../../src/plan/options.ts'
import { type Binding, type Plan, SECTIONS, type Section } from '../../src/plan/plan.ts'
import { parseConfig } from '../../src/spec/parse.ts'
import { VERBS, type Verb } from '../../src/state/transitions.ts'
import { buildProgram, type Change, draft, type Site } from './container.ts'

/** The executor that takes TSOCI_FAULT. */
export const FAULTY = fileURLToPath(new URL('../../dist/test/tsoci', import.meta.url))

/** Builds it, when it is older than its sources. */
export const buildFaulty = (): string => buildProgram('tsoci')

export interface Fault {
  readonly section: Section
  readonly index: number
  readonly how: 'kill' | 'fail'
}

/** The fault as TSOCI_FAULT spells it. */
export function faultText(...faults: Fault[]): string {
  return faults
    .map(({ section, index, how }) => `${SECTIONS.indexOf(section)}:${index}:${how}`)
    .join(',')
}

export interface Outcome {
  /** Exit status; null when it was killed. */
  readonly code: number | null
  readonly failure: Failure | undefined
  /** What a user would read. */
  readonly message: string
}

/** A bundle with its plan, compiled once for many launches. */
export class Launcher {
  readonly plan: Plan
  readonly pidFile: string
  readonly #site: Site
  readonly #bundle: string

  constructor(site: Site, change: Change, verb: PlanOptions['verb']) {
    this.#site = site
    this.#bundle = site.bundle(change, draft(['sleep', '1000']))
    this.pidFile = join(this.#bundle, 'pid')
    const file = join(this.#bundle, 'config.json')
    const configText = readFileSync(file, 'utf8')
    const { config, problems } = parseConfig(configText, file)
    if (config === undefined) throw new Error(JSON.stringify(problems))
    this.plan = compilePlan({
      config,
      configText,
      host: readHostFacts(),
      options: {
        verb,
        detach: true,
        keep: false,
        noPivot: false,
        noNewKeyring: false,
        cgroupManager: 'cgroupfs',
        hasConsoleSocket: false,
        rootfs: undefined,
      },
    })
  }

  /** Carries the plan out, up to the fault. */
  launch(id: string, fault: string): Outcome {
    const binding: Binding = {
      id,
      root: this.#site.root,
      bundle: this.#bundle,
      'bundle-json': this.#bundle,
      'pid-file': this.pidFile,
      'preserve-fds': '0',
      created: '2024-01-01T00:00:00.000Z',
    }
    const request = join(this.#site.dir, 'request')
    writeFileSync(request, encodeRequest(this.plan, binding))
    const plan = openSync(request, 'r')
    try {
      return this.#call(['3', '4'], 'tsoci:launch', fault, binding, plan)
    } finally {
      closeSync(plan)
      rmSync(request)
    }
  }

  /** Runs a verb on the container, up to the fault. */
  verb(verb: Verb, id: string, fault: string): Outcome {
    const binding: Binding = { id, root: this.#site.root }
    const words = ['4', String(VERBS.indexOf(verb)), this.#site.root, id, '15']
    return this.#call(words, 'tsoci:verb', fault, binding, 'ignore', verb)
  }

  #call(
    words: readonly string[],
    argv0: string,
    fault: string,
    binding: Binding,
    plan: number | 'ignore',
    verb?: Verb,
  ): Outcome {
    const file = join(this.#site.dir, 'failure')
    const fd = openSync(file, 'w+')
    let result: SpawnSyncReturns<Buffer>
    try {
      result = spawnSync(FAULTY, words, {
        argv0,
        stdio: ['ignore', 'ignore', 'inherit', plan, fd],
        env: { PATH: process.env.PATH, TSOCI_TEST_SITE: this.#site.dir, TSOCI_FAULT: fault },
        timeout: 20_000,
        killSignal: 'SIGKILL',
      })
    } finally {
      closeSync(fd)
    }
    const bytes = readFileSync(file)
    rmSync(file)
    if (result.error !== undefined) throw result.error
    if (bytes.length !== FAILURE_SIZE) {
      return { code: result.status, failure: undefined, message: '' }
    }
    const failure = parseFailure(bytes)
    const { message } = explainFailure(failure, { plan: this.plan, binding, verb })
    return { code: result.status, failure, message }
  }
}
