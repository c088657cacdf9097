// The bundles that are measured: the default config, with busybox in the rootfs.

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes DIR/true, which ends at once, and DIR/sleep, which does not; both share one rootfs. */
export function makeBundles(tsoci: string, dir: string, busybox: string) {
  const bin = join(dir, 'rootfs/bin')
  mkdirSync(bin, { recursive: true })
  for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(dir, 'rootfs', name))
  copyFileSync(busybox, join(bin, 'busybox'))
  for (const name of ['sh', 'true', 'sleep']) symlinkSync('busybox', join(bin, name))
  return {
    true: makeBundle(tsoci, join(dir, 'true'), ['/bin/true']),
    sleep: makeBundle(tsoci, join(dir, 'sleep'), ['/bin/sleep', '1000']),
    announce: makeBundle(tsoci, join(dir, 'announce'), ['sh', '-c', 'echo up; exec sleep 1000']),
  }
}

function makeBundle(tsoci: string, dir: string, args: readonly string[]): string {
  mkdirSync(dir)
  const made = spawnSync(tsoci, ['spec', '--bundle', dir], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`tsoci spec: ${made.stderr}`)
  const file = join(dir, 'config.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  config.ociVersion = '1.0.2' // crun 1.8 refuses later ones
  config.root.path = join(dir, '../rootfs')
  config.process.args = args
  config.process.terminal = false
  writeFileSync(file, JSON.stringify(config, null, 2))
  return dir
}
