import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { drawTrace } from '../../src/cli/trace.ts'
import { readTrace, type Span } from '../../src/runtime/trace.ts'
import { makeTempDir, tsoci } from './tsoci.ts'

const span = (start: number, us: number, step: string, more: Partial<Span> = {}): Span => ({
  start,
  us,
  section: 'child',
  index: 0,
  step,
  ...more,
})

test('drawTrace() draws a bar where and as long as each step was', () => {
  const spans = [
    span(0, 50, 'mount', { at: '/mounts/0' }),
    span(50, 25, 'await'),
    span(75, 25, 'exec', { error: 'ENOENT' }),
  ]
  assert.deepEqual(drawTrace(spans, 65).split('\n'), [
    '1970-01-01T00:00:00.000Z, 100 us',
    'child mount     50 us |########        | /mounts/0',
    'child await     25 us |        ....    |',
    'child exec      25 us |            !!!!| ENOENT',
    '',
  ])
})

test('drawTrace() shows each call of tsoci by itself', () => {
  const calls = drawTrace([span(0, 10, 'a'), span(1_000_000, 10, 'b')], 80).split('\n\n')
  assert.equal(calls.length, 2)
  assert.match(calls[1]!, /^1970-01-01T00:00:01/)
})

test('readTrace() orders the steps of both sides by their start', (t) => {
  const file = join(makeTempDir(t), 'trace')
  writeFileSync(file, `${JSON.stringify(span(9, 1, 'b'))}\n${JSON.stringify(span(1, 1, 'a'))}\n`)
  assert.deepEqual(
    readTrace(file).map(({ step }) => step),
    ['a', 'b'],
  )
})

test('trace of another file is an error that names the line', (t) => {
  const file = join(makeTempDir(t), 'trace')
  writeFileSync(file, '{"some":"thing"}\n')
  const { code, stderr } = tsoci(['trace', file])
  assert.equal(code, 1)
  assert.match(stderr, /^error: ".*" line 1 is no line of a trace\nhint: /)
  assert.match(tsoci(['trace', '/nowhere']).stderr, /cannot read the trace .* \(ENOENT\)/)
})

test('--deadline takes a number only, also on the quick way', () => {
  assert.match(tsoci(['--deadline', 'soon', 'start', 'c1']).stderr, /not a whole number/)
})
