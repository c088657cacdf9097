// What is said about text that is no good configuration, and where.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig } from '../../src/spec/defaults.ts'
import { valueAt } from '../../src/spec/findings.ts'
import { describeProblem, parseConfig } from '../../src/spec/parse.ts'
import { MAX_DEPTH, MAX_LENGTH } from '../../src/spec/survey.ts'
import { type Change, changed, found } from './sample.ts'

function describe(text: string): string[] {
  return parseConfig(text, 'c').problems.map((problem) => describeProblem(problem, 'c'))
}

const good = '"ociVersion": "1.3.0", "root": {"path": "r"}'

const syntax: [why: string, text: string, said: string][] = [
  ['an empty file', '', 'c:1:1: error: not JSON: the file is empty'],
  ['white space', ' \n\t', 'c:1:1: error: not JSON: the file is empty'],
  ['a word', 'hello', 'c:1:1: error: not JSON: invalid symbol'],
  ['a byte order mark', '\ufeff{}', 'c:1:1: error: not JSON: invalid symbol'],
  ['a comma too many', '{\n  "a": [1,]\n}', 'c:2:11: error: not JSON: expected a value'],
  ['a comment', '{\n// x\n}', 'c:2:1: error: not JSON: comments are not allowed'],
  ['no quotes', '{a: 1}', 'c:1:2: error: not JSON: invalid symbol'],
  ['no colon', '{"a" 1}', 'c:1:6: error: not JSON: expected a colon'],
  ['a second value', '{} {}', 'c:1:4: error: not JSON: expected the end of the file'],
  ['an unfinished string', '{"a": "b', 'c:1:7: error: not JSON: unfinished string'],
  ['a raw line break in a string', '{"a": "\n"}', 'c:1:7: error: not JSON: unfinished string'],
]
for (const [why, text, said] of syntax) {
  test(`parseConfig() explains ${why}`, () => {
    assert.equal(describe(text)[0], said)
    assert.equal(describe(text).length, 1)
  })
}

test('parseConfig() says where a truncated file ends, wherever that is', () => {
  const text = JSON.stringify(defaultConfig())
  for (let length = 0; length < text.length; length += 7) {
    const { problems } = parseConfig(text.slice(0, length), 'c')
    assert.equal(problems.length, 1, `at ${length}`)
    assert.match(problems[0]!.message, /^not JSON: /)
    assert.equal(problems[0]!.line, 1)
  }
})

test('parseConfig() is not impressed by ten megabytes of nesting', () => {
  const start = performance.now()
  for (const open of ['[', '{"a":', '[{"a":']) {
    const text = open.repeat(Math.floor(10e6 / open.length))
    assert.match(describe(text)[0]!, /error: nested deeper than 64 levels$/)
  }
  assert.ok(performance.now() - start < 5000)
})

test('parseConfig() reads what is nested just as deep as allowed', () => {
  const depth = MAX_DEPTH - 1
  const text = `{${good}, "x": ${'['.repeat(depth)}${']'.repeat(depth)}}`
  assert.deepEqual(found(text), ['warning /x'])
  assert.deepEqual(found(text.replace('[]', '[[]]')), ['error '])
})

test('parseConfig() tells where the nesting is too deep in characters, not bytes', () => {
  const text = `{"a": "äöü€", "x": ${'['.repeat(MAX_DEPTH)}`
  const { problems } = parseConfig(text, 'config.json')
  assert.deepEqual([problems[0]?.line, problems[0]?.column], [1, text.length])
})

test('parseConfig() does not count brackets in strings', () => {
  const text = `{${good}, "annotations": {"a": "${'[{\\"\\\\'.repeat(100)}"}}`
  assert.deepEqual(found(text), [])
})

test('parseConfig() refuses a file that is too large', () => {
  assert.match(describe(' '.repeat(MAX_LENGTH + 1))[0]!, /larger than 16 MiB/)
})

test('parseConfig() lists a limited number of problems, errors first', () => {
  const unknown = Array.from({ length: 1000 }, (_, i) => `"x${i}": 1`).join(', ')
  const { problems } = parseConfig(`{${good}, ${unknown}, "mounts": 1}`, 'c')
  assert.equal(problems.length, 201)
  assert.ok(problems.some(({ pointer }) => pointer === '/mounts'))
  assert.ok(problems.some(({ message }) => message === '801 more problems are not listed'))
})

const shapes: unknown[] = [null, true, 1, -1.5, 'text', [], [[]], {}, [null], { a: null }]
const places = [
  ...['ociVersion', 'root', 'process', 'hostname', 'domainname', 'mounts', 'hooks'],
  ...['annotations', 'linux', 'vm', 'solaris', 'windows', 'zos', 'freebsd', '$schema', 'other'],
]
for (const place of places) {
  test(`parseConfig() survives any value of ${place}`, () => {
    for (const shape of shapes) {
      const { problems } = parseConfig(
        changed((c) => (c[place] = shape)),
        'c',
      )
      for (const problem of problems) assert.ok(problem.line! >= 1 && problem.column! >= 1)
    }
  })
}

test('parseConfig() survives any value in the place of any other', () => {
  const text = changed((c) => {
    c.process.scheduler = { policy: 'SCHED_FIFO', priority: 1 }
    c.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['x'], action: 'SCMP_ACT_LOG', args: [] }],
    }
    c.linux.resources.memory = { limit: 1 }
    c.linux.netDevices = { eth0: { name: 'a' } }
  })
  let count = 0
  const visit = (value: unknown, change: (shape: unknown) => void): void => {
    for (const shape of shapes) {
      change(shape)
      parseConfig(JSON.stringify(config), 'c')
      count++
    }
    change(value)
    if (typeof value !== 'object' || value === null) return
    const object = value as { [key: string]: unknown }
    for (const key of Object.keys(object)) visit(object[key], (shape) => (object[key] = shape))
  }
  const config = JSON.parse(text)
  for (const key of Object.keys(config)) visit(config[key], (shape) => (config[key] = shape))
  assert.ok(count > 1000)
})

const tops = ['null', 'true', '1', '"text"', '[]']
for (const text of tops) {
  test(`parseConfig() refuses ${text} as a configuration`, () => {
    assert.match(describe(text)[0]!, /^c:1:1: error: found .*, expected an object$/)
  })
}

const said: [why: string, change: Change, problems: RegExp[]][] = [
  [
    'a wrong type',
    (c) => (c.process.terminal = 'yes'),
    [/^c:4:17: error: \/process\/terminal: found the string "yes", expected a boolean$/],
  ],
  [
    'a fraction',
    (c) => (c.process.user.uid = 1.5),
    [/uid: found the number 1.5, expected an integer$/],
  ],
  [
    'a value that is too small',
    (c) => (c.process.user.gid = -1),
    [/found -1, expected at least 0/],
  ],
  [
    'a missing property',
    (c) => delete c.process.cwd,
    [/\/process: missing property "cwd" \(add it: a string\)$/],
  ],
  [
    'an unknown property with a known one near',
    (c) => (c.process.noNewPrivilege = true),
    [
      /warning: .*unknown property "noNewPrivilege" is ignored \(did you mean "noNewPrivileges"\?\)/,
    ],
  ],
  [
    'a property in the wrong place',
    (c) => (c.cwd = '/'),
    [/warning: \/cwd: .* \(it belongs in \/process\)$/],
  ],
  [
    'a property of an older specification',
    (c) => (c.linux.intelRdt = { enableCMT: true }),
    [/replaced it by "enableMonitoring"/],
  ],
  ['a property like no other', (c) => (c.xyzzy = {}), [/unknown property "xyzzy" is ignored$/]],
  ['a property named like a method', (c) => (c.toString = 1), [/unknown property "toString"/]],
  [
    'the kernel’s name of a namespace',
    (c) => (c.linux.namespaces[1].type = 'net'),
    [/unknown value "net", expected one of pid, .* \(did you mean "network"\?\)$/],
  ],
  [
    'an unknown capability',
    (c) => (c.process.capabilities.ambient = ['CAP_SYS_ADMN']),
    [/unknown value "CAP_SYS_ADMN" \(did you mean "CAP_SYS_ADMIN"\?\)$/],
  ],
  [
    'a NUL character',
    (c) => {
      c.process.args = ['a\0b']
      c.annotations = { a: '\0' }
    },
    [/\/process\/args\/0: the text has a NUL character, expected text without NUL$/],
  ],
  [
    'problems of shape and of sense together, in the order of the file',
    (c) => {
      c.process.rlimits.push(c.process.rlimits[0])
      c.hostname = 1
      c.linux.namespaces.push({ type: 'pid' })
    },
    [/rlimits\/1\/type: RLIMIT_NOFILE is limited twice/, /hostname: found/, /"pid" comes twice/],
  ],
]
for (const [why, change, problems] of said) {
  test(`parseConfig() names ${why}`, () => {
    const lines = describe(changed(change))
    for (const [i, line] of lines.entries()) assert.match(line, problems[i] ?? /never/)
    assert.equal(lines.length, problems.length)
  })
}

test('parseConfig() warns of a key that comes twice, at the place that counts', () => {
  const text = `{${good},\n"hostname": 1,\n"root": {"path": "a",\n "path": "b"}}`
  assert.deepEqual(describe(text).slice(1), [
    'c:3:1: warning: /root: duplicate property "root": the last one counts',
    'c:4:2: warning: /root/path: duplicate property "path": the last one counts',
  ])
  assert.equal(parseConfig(text, 'c').config.root.path, 'b')
})

test('parseConfig() keeps large integers exactly where they matter', () => {
  const text = changed((c) => {
    c.process.rlimits = [{ type: 'RLIMIT_FSIZE', soft: 'A', hard: 'B' }]
    c.linux.resources.memory = { limit: 'C', swap: -1 }
    c.annotations = { number: '18446744073709551615' }
  })
    .replace('"A"', '9007199254740993')
    .replace('"B"', '18446744073709551615')
    .replace('"C"', '9223372036854775807')
  const { config, problems } = parseConfig(text, 'c')
  assert.deepEqual(problems, [])
  const [limit] = config.process?.rlimits ?? []
  assert.equal(limit?.soft, 9007199254740993n)
  assert.equal(limit?.hard, 18446744073709551615n)
  assert.equal(config.linux?.resources?.memory?.limit, 9223372036854775807n)
  assert.equal(config.linux?.resources?.memory?.swap, -1)
})

const ranges: [why: string, digits: string, problems: string[]][] = [
  ['the largest limit', '18446744073709551615', []],
  ['one more', '18446744073709551616', ['error /process/rlimits/0/hard']],
  ['far more', '99999999999999999999999', ['error /process/rlimits/0/hard']],
  ['a large negative', '-9223372036854775808', ['error /process/rlimits/0/hard']],
]
for (const [why, digits, problems] of ranges) {
  test(`parseConfig() compares large integers exactly: ${why}`, () => {
    const text = changed((c) => (c.process.rlimits[0].hard = 'H')).replace('"H"', digits)
    const list = found(text).filter((line) => !line.endsWith('/soft'))
    assert.deepEqual([...new Set(list)], problems)
  })
}

test('parseConfig() leaves large integers elsewhere as they are', () => {
  const text = `{${good}, "other": [18446744073709551615]}`
  const { config } = parseConfig(text, 'c')
  assert.doesNotThrow(() => JSON.stringify(config))
})

test('parseConfig() is fast', () => {
  const text = JSON.stringify(defaultConfig(), null, 2)
  for (let i = 0; i < 200; i++) parseConfig(text, 'c')
  const start = performance.now()
  for (let i = 0; i < 200; i++) parseConfig(text, 'c')
  assert.ok((performance.now() - start) / 200 < 1)
})

const mapping = { containerID: 0, size: 1 }
const zeros: [what: string, change: Change, pointers: string[]][] = [
  [
    'an argument of a seccomp rule',
    (c) => {
      const args = [{ op: 'SCMP_CMP_EQ' }]
      const syscalls = [{ names: ['read'], action: 'SCMP_ACT_LOG', args }]
      c.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls }
    },
    ['seccomp/syscalls/0/args/0/index', 'seccomp/syscalls/0/args/0/value'].map(
      (it) => `linux/${it}`,
    ),
  ],
  [
    'a size of the terminal',
    (c) => (c.process.consoleSize = {}),
    ['process/consoleSize/height', 'process/consoleSize/width'],
  ],
  [
    'a limit',
    (c) => (c.process.rlimits = [{ type: 'RLIMIT_CORE' }]),
    ['process/rlimits/0/soft', 'process/rlimits/0/hard'],
  ],
  ['an id mapping', (c) => (c.linux.uidMappings = [mapping]), ['linux/uidMappings/0/hostID']],
  [
    'a throttled device',
    (c) => (c.linux.resources.blockIO = { throttleReadBpsDevice: [{ major: 8 }] }),
    ['minor', 'rate'].map((it) => `linux/resources/blockIO/throttleReadBpsDevice/0/${it}`),
  ],
  [
    'a limit of huge pages',
    (c) => (c.linux.resources.hugepageLimits = [{ pageSize: '2MB' }]),
    ['linux/resources/hugepageLimits/0/limit'],
  ],
  [
    'a priority of an interface',
    (c) => (c.linux.resources.network = { priorities: [{ name: 'lo' }] }),
    ['linux/resources/network/priorities/0/priority'],
  ],
]
for (const [what, change, pointers] of zeros) {
  test(`parseConfig() takes what ${what} leaves out for zero, and says so of the file`, () => {
    const { config, problems } = parseConfig(changed(change), 'config.json')
    for (const pointer of pointers) assert.equal(valueAt(config, pointer.split('/')), 0, pointer)
    assert.deepEqual(
      problems.map(({ severity, quiet }) => [severity, quiet]),
      pointers.map(() => ['warning', true]),
    )
  })
}

test('parseConfig() takes a device rule that does not allow for one that denies', () => {
  const { config } = parseConfig(
    changed((c) => (c.linux.resources.devices = [{ access: 'rwm' }])),
    'config.json',
  )
  assert.equal(config.linux?.resources?.devices?.[0]?.allow, false)
})

const secret = 'hunter2'
const leaks: [what: string, change: Change][] = [
  ['a variable without a name', (c) => c.process.env.push(secret)],
  ['an environment that is a text', (c) => (c.process.env = `A=${secret}`)],
  ['arguments that are a text', (c) => (c.process.args = `login ${secret}`)],
  ['an argument that is a list', (c) => (c.process.args = ['login', [secret]])],
  ["a hook's variable", (c) => (c.hooks = { poststop: [{ path: '/bin/a', env: [secret] }] })],
  ["a hook's arguments", (c) => (c.hooks = { poststop: [{ path: '/bin/a', args: secret }] })],
]
for (const [what, change] of leaks) {
  test(`parseConfig() does not repeat ${what}`, () => {
    const { problems } = parseConfig(changed(change), 'config.json')
    assert.ok(problems.some(({ severity }) => severity === 'error'))
    assert.ok(!JSON.stringify(problems).includes(secret))
  })
}

test('parseConfig() does not repeat the text around a syntax error', () => {
  for (const text of [
    `{"env":["A=${secret}"x]}`,
    `{"env":["A=${secret}\t"]}`,
    `{"a":"${secret}\\q"}`,
  ]) {
    const { problems } = parseConfig(text, 'config.json')
    assert.match(problems[0]!.message, /^not JSON: /)
    assert.ok(!JSON.stringify(problems).includes(secret), problems[0]!.message)
  }
})

test('parseConfig() has the words of an engine for an empty program name', () => {
  const { problems } = parseConfig(
    changed((c) => (c.process.args = [''])),
    'config.json',
  )
  assert.equal(problems[0]?.message, 'exec: "": executable file not found in $PATH')
})
