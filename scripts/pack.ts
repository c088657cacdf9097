// npm run pack: what is published, as two archives in dist/npm. The package has no executor, and
// names those of the platforms as optional; the other one is for this platform.

import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ARCHITECTURES, packageName } from './platform.mjs'

const top = fileURLToPath(new URL('..', import.meta.url))
const out = join(top, 'dist/npm')

// npm makes a link to whatever is there before it runs our install script.
const STAND_IN = `#!/bin/sh
# Stands here until scripts/install.mjs has put the executor in its place.
top=$(dirname "$(readlink -f "$0")")/..
echo "tsoci is not wholly installed, for its install script did not run: node $(readlink -f "$top")/scripts/install.mjs" >&2
exit 1
`

if (!ARCHITECTURES.includes(process.arch)) {
  console.error(
    `there is no package for ${process.arch}: scripts/platform.mjs names those there are`,
  )
  process.exit(1)
}
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const scratch = mkdtempSync(join(tmpdir(), 'tsoci-pack-'))
try {
  pack(top, scratch)
  execFileSync('tar', ['-C', scratch, '-xzf', join(scratch, readdirSync(scratch)[0]!)])
  const main = join(scratch, 'package')
  const platform = join(scratch, 'platform')
  mkdirSync(platform)
  for (const name of ['tsoci', 'tsoci-seccomp', 'libtsoci.so']) {
    renameSync(join(main, 'dist', name), join(platform, name))
  }
  writeFileSync(join(main, 'dist/tsoci'), STAND_IN, { mode: 0o755 })
  copyFileSync(join(main, 'LICENSE'), join(platform, 'LICENSE'))
  writeManifests(main, platform)
  for (const dir of [main, platform]) pack(dir, out)
  for (const name of readdirSync(out)) console.log(join(out, name))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function pack(dir: string, destination: string): void {
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function writeManifests(main: string, platform: string): void {
  const write = (dir: string, manifest: object) =>
    writeFileSync(join(dir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const ours = JSON.parse(readFileSync(join(main, 'package.json'), 'utf8'))
  const { version, license, os } = ours
  const executors = ARCHITECTURES.map((arch) => [packageName(arch), version])
  write(main, { ...ours, optionalDependencies: Object.fromEntries(executors) })
  write(platform, {
    name: packageName(process.arch),
    version,
    description: `The executor of tsoci for Linux on ${process.arch}`,
    license,
    os,
    cpu: [process.arch],
  })
}
