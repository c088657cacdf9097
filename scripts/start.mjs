// npm start: builds everything, makes the sample bundle and runs it.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Missing, mainOrMissing, runShown, setUp, top } from './setup.mjs'

const tsoci = join(top, 'dist/tsoci')
const sample = join(top, 'bundles/hello')

await mainOrMissing(() => {
  setUp()
  if (runShown(process.execPath, ['--import', 'tsx', 'scripts/build.ts']) !== 0) {
    throw new Missing('the build failed, see above')
  }
  const { isPrivileged } = checkHost()
  const work = mkdtempSync(join(tmpdir(), 'tsoci-start-'))
  try {
    process.exitCode = runSample(work, isPrivileged)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
})

/** Runs the sample from a copy, so that a run as root leaves nothing of root's in the clone. */
function runSample(work, isPrivileged) {
  const bundle = join(work, 'bundle')
  cpSync(join(sample, 'config.json'), join(bundle, 'config.json'))
  const archive = join(bundle, 'rootfs.tar')
  const made = spawnSync('sh', [join(sample, 'make-rootfs.sh'), archive], { encoding: 'utf8' })
  if (made.status !== 0) {
    throw new Missing(
      `${made.stdout}${made.stderr}`.trim() || 'bundles/hello/make-rootfs.sh failed',
    )
  }
  if (!isPrivileged) {
    const file = join(bundle, 'config.json')
    const config = toRootless(JSON.parse(readFileSync(file, 'utf8')))
    writeFileSync(file, JSON.stringify(config, null, 2))
    console.log('without root: the bundle runs in a user namespace, without limits')
  }
  const args = ['--root', join(work, 'state'), 'run', '--bundle', bundle, `hello-${process.pid}`]
  console.log(`dist/tsoci run --bundle bundles/hello hello-${process.pid}\n`)
  const code = runShown(tsoci, args)
  if (code !== 0) {
    console.error(`\nthe sample ended with ${code}: dist/tsoci doctor tells what this host lacks`)
  }
  return code
}

/** Asks doctor; what no container can do without ends here, with what mends it. */
function checkHost() {
  const result = spawnSync(tsoci, ['doctor', '--json'], { encoding: 'utf8' })
  let answer
  try {
    answer = JSON.parse(result.stdout)
  } catch {
    throw new Missing(`dist/tsoci doctor failed: ${result.stderr || result.error || 'no output'}`)
  }
  const { privileged: isPrivileged, findings } = answer
  // Namespaces, and as root the limits that bundles/hello asks for.
  const needed = isPrivileged
    ? ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup', 'layout', 'pids', 'memory']
    : ['mnt', 'user']
  const missing = findings.filter(
    (it) =>
      it.status === 'missing' &&
      (it.essential || needed.includes(it.name) || it.area === 'privilege'),
  )
  if (missing.length > 0) {
    const lines = missing.map(
      (it) => `${it.name}: ${it.detail}; ${it.cost}. To mend it: ${it.mend}`,
    )
    throw new Missing(lines.join('\n'))
  }
  return { isPrivileged }
}

/** A config that an ordinary user may run, by the rules of `runc spec --rootless`. */
function toRootless(config) {
  const { linux } = config
  const map = (hostID) => [{ containerID: 0, hostID, size: 1 }]
  const { resources: _resources, cgroupsPath: _cgroupsPath, ...rest } = linux
  return {
    ...config,
    mounts: config.mounts.map((mount) =>
      mount.destination === '/sys'
        ? {
            destination: '/sys',
            type: 'none',
            source: '/sys',
            options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
          }
        : // These name ids that the map does not have.
          { ...mount, options: mount.options?.filter((it) => !/^[ug]id=/.test(it)) },
    ),
    linux: {
      ...rest,
      uidMappings: map(process.geteuid()),
      gidMappings: map(process.getegid()),
      namespaces: [
        ...linux.namespaces.filter(({ type }) => type !== 'network' && type !== 'user'),
        { type: 'user' },
      ],
    },
  }
}
