// Rules of the top object: the version, and names of the host.

import type { Config } from './config.ts'
import { error, type Path, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'

/** Semantic versioning 2.0.0, and only its syntax. */
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/

/** What the kernel takes for a host or domain name, __NEW_UTS_LEN. */
const MAX_UTS_NAME = 64

/** Sections of config.json that are for other systems. */
const PLATFORMS = ['windows', 'solaris', 'zos', 'freebsd'] as const

export const TOP_RULES: readonly Rule[] = [
  { reads: ['/ociVersion'], check: checkVersion },
  {
    reads: [
      ...PLATFORMS.map((name) => `/${name}`),
      '/process/commandLine',
      '/process/user/username',
    ],
    check: tellOtherPlatforms,
  },
  { reads: ['/hostname', '/domainname', '/linux/namespaces'], check: checkNames },
]

function checkVersion({ ociVersion }: Config): Problem[] {
  const major = SEMVER.exec(ociVersion)?.[1]
  if (major === '1') return []
  const expected = 'a version such as 1.3.0'
  if (major === undefined) {
    return [error(['ociVersion'], `${quote(ociVersion)} is not a version`, { expected })]
  }
  return [error(['ociVersion'], `version ${ociVersion} is not supported`, { expected: '1.x' })]
}

function checkNames(config: Config): Problem[] {
  const problems: Problem[] = []
  for (const key of ['hostname', 'domainname'] as const) {
    const name = config[key]
    if (!name) continue
    if (!config.linux?.namespaces?.some(({ type }) => type === 'uts')) {
      problems.push(
        error([key], `cannot set ${key}: no private uts namespace`, {
          hint: `add {"type": "uts"} to linux.namespaces, or remove ${key}`,
        }),
      )
    }
    if (Buffer.byteLength(name) > MAX_UTS_NAME) {
      const expected = `at most ${MAX_UTS_NAME} bytes`
      problems.push(error([key], `${key} of ${Buffer.byteLength(name)} bytes`, { expected }))
    }
  }
  return problems
}

/** Parts that the specification has for other systems: harmless here, and without effect. */
function tellOtherPlatforms(config: Config): Problem[] {
  const { process } = config
  const parts: [path: Path, value: unknown][] = [
    ...PLATFORMS.map((name): [Path, unknown] => [[name], config[name]]),
    [['process', 'commandLine'], process?.commandLine],
    [['process', 'user', 'username'], process?.user?.username],
  ]
  return parts
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([path]) => warning(path, `${quote(String(path.at(-1)))} is for another system: ignored`))
}
