import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatLogLine } from '../src/log.ts'

const now = new Date('2026-01-31T12:00:00Z')
const message = 'mount "proc":\nno'

test('formatLogLine() writes one line of JSON', () => {
  const line = formatLogLine('json', 'error', message, now)
  assert.equal(line.indexOf('\n'), line.length - 1)
  assert.deepEqual(JSON.parse(line), {
    level: 'error',
    msg: message,
    time: '2026-01-31T12:00:00.000Z',
  })
})

test('formatLogLine() writes one line of text as runc does', () => {
  assert.equal(
    formatLogLine('text', 'warning', message, now),
    'time="2026-01-31T12:00:00.000Z" level=warning msg="mount \\"proc\\":\\nno"\n',
  )
})
