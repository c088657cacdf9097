// What the user is told besides the result: standard error for people, the file of --log for callers.

import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { TsociError } from './errors.ts'

export interface LogOptions {
  /** `--log`: absolute path; made when it does not exist, appended to when it does. */
  readonly file?: string | undefined
  readonly format?: 'text' | 'json' | undefined
  /** What is being done is told as well, and errors bring their stack on standard error. */
  readonly debug?: boolean | undefined
  /** Leave warnings out. */
  readonly errorsOnly?: boolean | undefined
}

// A fifo that nobody reads, or reads on, must not hold us up.
const APPEND =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_APPEND |
  constants.O_NONBLOCK |
  constants.O_NOCTTY

export type LogLevel = 'debug' | 'warning' | 'error'

/** Where warnings and errors go. Without options: to standard error. */
export class Log {
  readonly #options: LogOptions
  #fd: number | undefined

  /** Creates the file at once: callers open it whether or not there was an error. */
  constructor(options: LogOptions = {}) {
    this.#options = options
    if (options.file === undefined) return
    try {
      this.#fd = openSync(options.file, APPEND, 0o644)
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
      if (reason === 'ENXIO') return // a fifo that nobody reads: standard error is left
      throw new TsociError('BAD_USAGE', `open log file "${options.file}": ${reason}`, { cause })
    }
  }

  /** Tells of an error. podman reads the file as one JSON object, so this is one line of it. */
  error(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const hint = error instanceof TsociError ? error.hint : undefined
    const bare = error instanceof TsociError && !isTerminal(2) ? error.bare : undefined
    this.#toStderr(printable(bare === undefined ? describeError(message, hint) : `${bare}\n`))
    if (this.#options.debug === true) this.#toStderr(describeStack(error))
    this.#toFile('error', hint === undefined ? message : `${message} (${hint})`)
  }

  /**
   * Tells of a warning. Standard error may be the container's already: where there is a file it goes
   * there alone.
   */
  warn(message: string): void {
    if (this.#options.errorsOnly === true) return
    if (!this.#toFile('warning', message)) this.#toStderr(printable(`warning: ${message}\n`))
  }

  /** Tells what is being done, with --debug. */
  debug(message: string): void {
    if (this.#options.debug !== true) return
    if (this.#fd !== undefined) this.#toFile('debug', message)
    else this.#toStderr(formatLogLine(this.#options.format ?? 'text', 'debug', message))
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #toStderr(text: string): void {
    writeOrGiveUp(2, text)
  }

  // One write per line: with O_APPEND it stays whole beside other writers.
  // False where it is not told; with a word on standard error where the file does not take it.
  #toFile(level: LogLevel, message: string): boolean {
    if (this.#fd === undefined) return false
    const line = formatLogLine(this.#options.format ?? 'text', level, message)
    const reason = writeOrGiveUp(this.#fd, line)
    if (reason === undefined) return true
    this.close()
    this.#toStderr(
      printable(`warning: cannot write to the file "${this.#options.file}" of --log: ${reason}\n`),
    )
    return false
  }
}

/** For a terminal: what is no text is shown and not obeyed. Names may have any byte in them. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (c) =>
    c === '\n' || c === '\t' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** One line of the log, newline included. */
export function formatLogLine(
  format: 'text' | 'json',
  level: LogLevel,
  message: string,
  now = new Date(),
): string {
  const time = now.toISOString()
  // JSON.stringify also turns a newline in the message into \n, so the line stays one line.
  return format === 'json'
    ? `${JSON.stringify({ level, msg: message, time })}\n`
    : `time=${JSON.stringify(time)} level=${level} msg=${JSON.stringify(message)}\n`
}

const describeError = (message: string, hint: string | undefined) =>
  `error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`

// The stacks of an error and of what caused it.
function describeStack(error: unknown): string {
  const lines: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) {
    lines.push(`${lines.length === 0 ? '' : 'caused by: '}${at.stack ?? at.message}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

// Loaded here, not at start: node:tty takes as long to load as a plan to encode.
function isTerminal(fd: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(fd)
}

// Why it could not be written; of standard error nobody can be told.
function writeOrGiveUp(fd: number, text: string): string | undefined {
  try {
    writeSync(fd, text)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
