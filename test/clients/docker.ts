// How Docker is set up on a host: its daemon, with tsoci or crun as the runtime, and an image.

import { FRONT } from '../kernel/container.ts'
import { type Host, makeImage } from './host.ts'

const daemon = (runtime: string, path: string) => ({
  'exec-opts': ['native.cgroupdriver=cgroupfs'],
  'storage-driver': 'overlay2',
  'userland-proxy': false,
  'live-restore': true,
  runtimes: { [runtime]: { path } },
  'default-runtime': runtime,
})

const START = `setsid dockerd >>/run/dockerd.log 2>&1 </dev/null &
for i in $(seq 400); do docker version >/dev/null 2>&1 && exit; sleep 0.1; done
cat /run/dockerd.log >&2; exit 1`

/** Starts the daemon for a runtime, and imports the image \`box\`. */
export async function setUpDocker(host: Host, runtime = 'tsoci', path = FRONT): Promise<void> {
  await host.write('/etc/docker/daemon.json', JSON.stringify(daemon(runtime, path)))
  await startDocker(host)
  await host.ok(`docker import -c 'ENV PATH=/bin' ${makeImage(host.dir)} box`)
}

/** Starts the daemon, and waits until it answers. */
export async function startDocker(host: Host): Promise<void> {
  await host.ok(START, { limit: 60_000 })
}
