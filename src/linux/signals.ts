// Signals by name, as signal(7) numbers them on x86, arm, riscv and most others.

import { TsociError } from '../errors.ts'

/** Number of each standard signal. Aliases come after the name that is printed. */
export const signals: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPOLL: 29,
  SIGPWR: 30,
  SIGSYS: 31,
  SIGUNUSED: 31,
}

// glibc keeps 32 and 33 for itself; engines mean its RTMIN, not the kernel's.
const RTMIN = 34
const RTMAX = 64

/** Number of a signal given as `KILL`, `SIGKILL`, `9`, `RTMIN+3` or `RTMAX-1`. */
export function parseSignal(text: string): number {
  const found = findSignal(text)
  if (found === undefined) {
    throw new TsociError('BAD_USAGE', `unknown signal "${text}"`, {
      hint: 'give a name such as TERM or SIGTERM, or a number from 0 to 64',
    })
  }
  return found
}

/** The same; undefined when there is no such signal. */
export function findSignal(text: string): number | undefined {
  return parseNumber(text) ?? parseRealTime(text) ?? parseName(text)
}

/** Name of a signal's number: `SIGKILL` for 9. */
export function signalName(signal: number): string {
  const found = Object.entries(signals).find(([, number]) => number === signal)
  if (found !== undefined) return found[0]
  return signal >= RTMIN && signal <= RTMAX ? `SIGRTMIN+${signal - RTMIN}` : `signal ${signal}`
}

// 0 sends nothing and asks whether the process is there, as kill(2).
function parseNumber(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= RTMAX ? Number(text) : undefined
}

function parseRealTime(text: string): number | undefined {
  const match = /^(?:SIG)?RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/i.exec(text)
  if (match === null) return undefined
  const away = Number(`${match[2] ?? ''}${match[3] ?? '0'}`)
  const number = (match[1]!.toUpperCase() === 'MIN' ? RTMIN : RTMAX) + away
  return number >= RTMIN && number <= RTMAX ? number : undefined
}

function parseName(text: string): number | undefined {
  const name = text.toUpperCase()
  const full = name.startsWith('SIG') ? name : `SIG${name}`
  return Object.hasOwn(signals, full) ? signals[full] : undefined
}
