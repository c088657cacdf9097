// Rules of the annotations that mean something to tsoci.

import { findSignal } from '../linux/signals.ts'
import type { Config } from './config.ts'
import { error, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'
import { similarWord } from './similar.ts'

interface Shape {
  readonly matches: Pick<RegExp, 'test'>
  readonly expected: string
}

const PATH: Shape = { matches: /^\/./, expected: 'an absolute path' }
const SWITCH: Shape = { matches: /^(0|1|true|false)$/, expected: '"1" or "0"' }
const PATHS: Shape = {
  matches: /^\/[^:]*(:\/[^:]*)*$/,
  expected: 'absolute paths with colons between them',
}
const PORTS: Shape = {
  matches: /^(none|\d{1,5}(,\d{1,5})*)$/,
  expected: 'ports with commas between them, or "none"',
}
const BYTES: Shape = { matches: /^(\d{1,19}|max)$/, expected: 'bytes in decimal, or "max"' }

const SIGNAL: Shape = {
  matches: { test: (value) => findSignal(value) !== undefined },
  expected: 'a signal such as SIGTERM',
}

/** Those of the specification, those that tsoci has, and of crun's the ones whose meaning it shares. */
const SHAPES = {
  'org.opencontainers.image.stopSignal': SIGNAL,
  'org.tsoci.core-scheduling': SWITCH,
  'org.tsoci.handler': PATH,
  'org.tsoci.landlock.bind': PORTS,
  'org.tsoci.landlock.connect': PORTS,
  'org.tsoci.landlock.read': PATHS,
  'org.tsoci.landlock.write': PATHS,
  'org.tsoci.memory.high': BYTES,
  'org.tsoci.memory.min': BYTES,
  'run.oci.hooks.stderr': PATH,
  'run.oci.hooks.stdout': PATH,
  'run.oci.keep_original_groups': SWITCH,
  'run.oci.seccomp.receiver': { matches: /^[/@]./, expected: 'the path of a socket' },
  'run.oci.seccomp_fail_unknown_syscall': SWITCH,
} as const satisfies Record<string, Shape>

export type AnnotationName = keyof typeof SHAPES

/** All names, for `tsoci features`: whoever may set them changes what a container is given. */
export const ANNOTATIONS = Object.keys(SHAPES) as readonly AnnotationName[]

/** Is this one that is only stored and told, whatever its value? */
export function isPlainAnnotation(name: string): boolean {
  return !/^(org\.tsoci|org\.systemd|org\.criu|run\.oci|org\.opencontainers)\./.test(name)
}

/** The value of an annotation; undefined when it is not there, or empty. */
export function annotation(config: Config, name: AnnotationName): string | undefined {
  return config.annotations?.[name] || undefined
}

/** Is a switch on? */
export function isOn(config: Config, name: AnnotationName): boolean {
  return /^(1|true)$/.test(annotation(config, name) ?? '')
}

export const ANNOTATION_RULES: readonly Rule[] = [
  { reads: ['/annotations'], check: checkAnnotations },
]

function checkAnnotations({ annotations = {} }: Config): Problem[] {
  return Object.entries(annotations).flatMap(([name, value]) => {
    const at = ['annotations', name]
    if (name === '')
      return [
        error(at, 'the key of an annotation is empty', {
          key: true,
          hint: 'name it, as in com.example.key',
        }),
      ]
    if (Object.hasOwn(SHAPES, name)) {
      const { matches, expected } = SHAPES[name as AnnotationName]
      const fits = value === '' || matches.test(value)
      return fits ? [] : [error(at, `${quote(value)} is not what ${name} takes`, { expected })]
    }
    if (!name.startsWith('org.tsoci.')) return []
    const similar = similarWord(name, ANNOTATIONS)
    const hint = similar === undefined ? {} : { hint: `did you mean "${similar}"?` }
    return [warning(at, `${quote(name)} means nothing to this version`, { ...hint, key: true })]
  })
}
