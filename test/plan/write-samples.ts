// Writes encoded sample plans for the tests of native/: write-samples.ts DIR.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compilePlan } from '../../src/plan/compile.ts'
import { encodeRequest } from '../../src/plan/encode.ts'
import { type Binding, type Plan, SECTIONS } from '../../src/plan/plan.ts'
import { slot, text } from '../../src/plan/text.ts'
import { createOptions, rootHost } from './facts.ts'
import { allSampleSteps, readSample, sampleBundles } from './samples.ts'

const dir = process.argv[2]
if (dir === undefined) throw new Error('usage: write-samples.ts DIR')
mkdirSync(dir, { recursive: true })

const binding: Binding = {
  id: 'c1',
  root: '/run/tsoci',
  bundle: '/bundles/sample',
  'bundle-json': '/bundles/sample',
  'preserve-fds': '0',
  created: '2024-01-01T00:00:00.000Z',
}
const plans = new Map<string, Plan>([
  ['empty', {}],
  ['every-step', { child: allSampleSteps() }],
  [
    'form',
    {
      child: [
        { op: 'sethostname', name: 'tsoci-blank-n001' },
        {
          op: 'store',
          path: text`${slot('root')}/tsoci-blank-p002`,
          content: 'tsoci-blank-t000tsoci-blank-t001 tsoci-',
          mode: 0o600,
        },
      ],
    },
  ],
  ['every-section', Object.fromEntries(SECTIONS.map((name) => [name, [{ op: 'setsid' }]]))],
])
for (const name of sampleBundles()) {
  plans.set(name, compilePlan({ ...readSample(name), host: rootHost, options: createOptions }))
}
for (const [name, plan] of plans) {
  writeFileSync(join(dir, `${name}.plan`), encodeRequest(plan, binding))
}
