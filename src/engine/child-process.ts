// node:child_process, as far as the verbs of the executable use it.

import { checked } from './errors.ts'
import { openSync, readFileSync, writeSync } from './fs.ts'
import { host } from './host.ts'

interface Result<T> {
  readonly status: number
  readonly output: (T | null)[]
  readonly stdout: T
  readonly stderr: T
  readonly error: Error | undefined
}

interface SpawnOptions {
  readonly input?: string
  readonly stdio?: readonly ('pipe' | 'inherit')[]
  readonly encoding?: 'utf8'
}

type Texts = SpawnOptions & { readonly encoding: 'utf8' }

/** Runs a program to its end. What it writes goes to memory, not through pipes. */
export function spawnSync(program: string, args: readonly string[], options: Texts): Result<string>
export function spawnSync(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): Result<Buffer>
export function spawnSync(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): Result<string | Buffer> {
  const { input, stdio = ['inherit', 'pipe', 'pipe'], encoding } = options
  const memory = stdio.map((kind) =>
    kind === 'pipe' ? checked(host.memoryFile('stdio'), 'memfd_create') : undefined,
  )
  const again = (fd: number) => openSync(`/proc/self/fd/${fd}`) // from its beginning
  let first = memory[0]
  if (first !== undefined && input !== undefined) {
    writeSync(first, input)
    first = again(first)
  }
  const fds = memory.map((fd, number) => fd ?? number)
  if (first !== undefined) fds[0] = first
  const pid = checked(host.spawn(program, [program, ...args], fds), 'fork')
  const status = checked(host.wait(pid), 'waitpid')
  const output = memory.map((fd) => {
    if (fd === undefined) return null
    const bytes = readFileSync(`/proc/self/fd/${fd}`)
    host.close(fd)
    return encoding === undefined ? bytes : bytes.toString(encoding)
  })
  if (first !== undefined) host.close(first)
  // As execvp() of native/engine_host.c tells it.
  const error = status === 127 ? new Error(`spawnSync ${program} ENOENT`) : undefined
  return { status, output, stdout: output[1] ?? '', stderr: output[2] ?? '', error }
}
