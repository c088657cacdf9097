// Values of every JSON type at every place: told of as findings, never an error of JavaScript's own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TsociError } from '../../src/errors.ts'
import { probeHost } from '../../src/host/probe.ts'
import { findMissing } from '../../src/host/requirements.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { listIgnored } from '../../src/plan/ignored.ts'
import type { Config } from '../../src/spec/config.ts'
import { parseConfig } from '../../src/spec/parse.ts'
import { type Path, type Problem, pointerOf } from '../../src/spec/problem.ts'
import { configWith, listPlaces } from './bad-values.ts'

const VALUES = [
  'null',
  'true',
  '-1',
  '1.5',
  '1e400',
  '99999999999999999999',
  '""',
  '"x"',
  '"/"',
  '[]',
  '[null]',
  '[[]]',
  '["x"]',
  '[7]',
  '[{}]',
  '{}',
  '{"x":null}',
  '{"x":"y"}',
  '{"x":[]}',
  '{"x":{}}',
]

const probe = probeHost()
const host = probe.facts

function compile(config: Config): void {
  const options = {
    verb: 'create',
    detach: false,
    keep: false,
    noPivot: false,
    noNewKeyring: false,
    cgroupManager: 'cgroupfs',
    rootfs: undefined,
    hasConsoleSocket: config.process?.terminal === true,
  } as const
  try {
    findMissing(config, probe, '/no/bundle')
    listIgnored(config, host)
    compilePlan({ config, configText: '', host, options })
  } catch (error) {
    if (!(error instanceof TsociError)) throw error
  }
}

/** What validate says, and that a config which has no error compiles, or is refused by our own. */
function attempt(text: string): readonly Problem[] {
  const { problems } = parseConfig(text, 'config.json', { strict: true })
  const { config, problems: found } = parseConfig(text, 'config.json')
  if (found.every(({ severity }) => severity !== 'error')) compile(config)
  return problems
}

test('no value at any place of config.json ends in an error of JavaScript', () => {
  const places: Path[] = listPlaces()
  assert.ok(places.length > 300, `${places.length}`)
  for (const path of places) {
    for (const value of VALUES) {
      const text = configWith(path, value)
      try {
        attempt(text)
      } catch (cause) {
        throw new Error(`${value} at ${pointerOf(path)}: ${text}`, { cause })
      }
    }
  }
})

test('an unknown property is only told of, whatever it is and wherever it stands', () => {
  const objects = listPlaces().filter((path) => path.at(-1) === 'comment')
  assert.ok(objects.length > 40, `${objects.length}`)
  for (const path of objects) {
    for (const value of VALUES) {
      const problems = attempt(configWith(path, value))
      const here = problems.filter(({ pointer }) => pointer === pointerOf(path))
      assert.deepEqual(
        here.map(({ severity }) => severity),
        ['warning'],
        `${value} at ${pointerOf(path)}`,
      )
    }
  }
})

test('a whole config of any JSON type is told of', () => {
  for (const value of VALUES) assert.ok(attempt(value).length > 0, value)
})

test('names that every object of JavaScript has are properties as any other', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    for (const path of [[name], ['process', name], ['linux', name], ['annotations', name]]) {
      for (const value of VALUES) attempt(configWith(path, value))
    }
  }
})
