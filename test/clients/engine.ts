// An engine with a command line, podman or Docker, and what the tests do with it by the same words.

import { readHostFacts } from '../../src/host/facts.ts'
import type { Case } from './compare.ts'

/** The words in which the two differ. */
export interface Engine {
  readonly cli: 'podman' | 'docker'
  /** Removes a container at once, even one that runs. */
  readonly rm: string
}

/** Runs a container to its end. */
export function run({ cli }: Engine, words: string, flags = ''): string {
  return `${cli} run --rm --network none ${flags} box ${words}`
}

/** Does something to a container `web` that sleeps, and removes it. */
export function sleeping({ cli, rm }: Engine, script: string, flags = ''): string {
  return `${cli} run -d --name web --network none ${flags} box sleep 1000 >/dev/null || exit
    { ${script}
    }; code=$?; ${rm} web >/dev/null; exit $code`
}

/** What `inspect` tells of the container `web`. */
export const seen = ({ cli }: Engine, what: string) => `${cli} inspect web --format '${what}'`

/** Docker asks for every capability by name, those that this machine keeps from us, too. */
export function whenPrivileged({ cli }: Engine): Pick<Case, 'notCrun'> {
  const hasAll = (readHostFacts().user.capabilities & (1n << 24n)) !== 0n
  return cli !== 'docker' || hasAll
    ? {}
    : { notCrun: 'it takes no capability that it lacks for a warning' }
}
