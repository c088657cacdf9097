// In the place of src/launch/watch.ts.

import { TsociError } from '../errors.ts'
import { errnoEntry } from '../launch/errno.ts'
import type { Watch } from '../launch/watch.ts'
import { checked, systemError } from './errors.ts'
import { frontPath } from './front-path.ts'
import { host } from './host.ts'

/** Begins to watch a container by native/watch.c, in a process of its own. */
export async function openWatch(pid: number, dir: string | undefined, v2: boolean): Promise<Watch> {
  const ends = host.pipe()
  if (typeof ends === 'number') throw systemError(ends, 'pipe')
  const [from, to] = ends
  const words = ['tsoci:watch', String(pid), dir ?? '', v2 ? '1' : '0']
  const nothing = checked(host.open('/dev/null', 2, 0), 'open', '/dev/null')
  const child = checked(host.spawn(frontPath(), words, [nothing, to, 2]), 'fork')
  host.close(to)
  host.close(nothing)
  let ready = false
  let ooms = 0
  let ended = false
  const receive = () => {
    const bytes = Buffer.alloc(256)
    const n = host.read(from, bytes.buffer, 0, bytes.length, -1)
    if (n <= 0 && !ended) throw failed(dir ?? `process ${pid}`, host.wait(child))
    const text = bytes.toString('latin1', 0, n)
    ready ||= text.includes('r')
    ooms += text.split('o').length - 1
    ended ||= text.includes('e')
  }
  while (!ready) receive()
  return {
    async wait(timeout) {
      if (ooms === 0 && !ended && host.poll(from, timeout) > 0) receive()
      const oom = ooms > 0
      if (oom) ooms--
      return { oom, ended: ended && ooms === 0, stopped: false }
    },
    stop() {},
    close() {
      host.kill(child, 9)
      host.wait(child)
    },
  }
}

function failed(what: string, errno: number): TsociError {
  const [name, words] = errnoEntry(errno)
  return new TsociError('LAUNCH_FAILED', `watch ${what}: ${words} (${name})`)
}
