// The global `process` of Node, as far as the verbs of the executable use it.

import { host } from './host.ts'
import { isatty } from './tty.ts'

/** What the JavaScript may know of the caller's environment; as native/node.c passes it on to Node. */
const VARIABLES = [
  'PATH',
  'HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'NOTIFY_SOCKET',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
  'TERM',
  'COLUMNS',
  'NO_COLOR',
  'TSOCI_FAULT',
  'TSOCI_AS',
  'CONTAINERS_CONF',
  'DOCKER_HOST',
  'CONTAINERD_ADDRESS',
  'BUILDAH_RUNTIME',
]

function readEnvironment(): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of VARIABLES) {
    const value = host.getenv(name)
    if (value !== undefined) env[name] = value
  }
  const [front, plan, done, failure] = host.handedDown()
  env.TSOCI_FRONT = front
  env.TSOCI_CWD = host.cwd()
  if (plan >= 0) env.TSOCI_PLAN_FD = String(plan)
  if (done >= 0) env.TSOCI_DONE_FD = String(done)
  if (failure >= 0) env.TSOCI_FAILURE_FD = String(failure)
  return env
}

let env: Record<string, string> | undefined
let ids: number[] | undefined

function readIds(): number[] {
  ids ??= host.ids()
  return ids
}

const idAt = (at: number) => readIds()[at]!

const listeners: ((error: Error) => void)[] = []

export const engineProcess = {
  get env() {
    env ??= readEnvironment()
    return env
  },
  get argv() {
    return ['tsoci', 'tsoci', ...host.arguments()]
  },
  get pid() {
    return idAt(4)
  },
  get ppid() {
    return idAt(5)
  },
  getuid: () => idAt(0),
  geteuid: () => idAt(1),
  getgid: () => idAt(2),
  getegid: () => idAt(3),
  getgroups: () => readIds().slice(6),
  cwd: () => host.cwd(),
  exitCode: 0,
  /** Signals end this process as they end any: what it leaves is taken back by the executor. */
  on(_name: string, _listener: () => void) {},
  getBuiltinModule: (_name: 'node:tty') => ({ isatty }),
  stdout: {
    get columns() {
      return host.columns(1)
    },
    listenerCount: (_name: 'error') => listeners.length,
    on: (_name: 'error', listener: (error: Error) => void) => listeners.push(listener),
    write(text: string) {
      const bytes = host.encode(text)
      for (let done = 0; done < bytes.byteLength; ) {
        const n = host.write(1, bytes, done, bytes.byteLength - done)
        if (n < 0) return fail(n)
        done += n
      }
    },
  },
  exit(code: number): never {
    return host.exit(code)
  },
}

function fail(errno: number): void {
  for (const listener of listeners)
    listener(Object.assign(new Error('write'), { errno, code: errno === -32 ? 'EPIPE' : '' }))
}

Object.assign(globalThis, { process: engineProcess })
