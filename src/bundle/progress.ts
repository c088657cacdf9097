// A line on the terminal that says how far the unpacking is.

import { basename } from 'node:path'

const DELAY = 500
const INTERVAL = 100
const BAR = 30

/** Shown on `terminal` once it takes longer than half a second, and taken away at the end. */
export class Progress {
  #terminal: NodeJS.WriteStream | undefined
  #title: string
  #next = Date.now() + DELAY
  #shown = false

  /** Without a terminal nothing is ever written. */
  constructor(archive: string, terminal: NodeJS.WriteStream | undefined) {
    this.#title = `unpack ${basename(archive)}`
    this.#terminal = terminal
  }

  /** Called often; draws ten times a second at most. */
  update(done: number, total: number): void {
    const now = Date.now()
    if (this.#terminal === undefined || now < this.#next) return
    this.#next = now + INTERVAL
    this.#shown = true
    const line = describeProgress(this.#title, done, total)
    const width = this.#terminal.columns || 80
    this.#terminal.write(`\r${line.slice(0, width - 1)}\x1b[K`)
  }

  clear(): void {
    if (this.#shown) this.#terminal?.write('\r\x1b[K')
  }
}

/** The line itself. */
export function describeProgress(title: string, done: number, total: number): string {
  const part = total === 0 ? 1 : Math.min(done / total, 1)
  const filled = Math.round(part * BAR)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR - filled)
  return `${title} [${bar}] ${String(Math.floor(part * 100)).padStart(3)} %`
}
