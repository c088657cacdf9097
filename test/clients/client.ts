// The clients in one table: how each is set up, and how it runs and removes one container.

import type { Section } from '../../src/plan/plan.ts'
import { FRONT } from '../kernel/container.ts'
import { setUpContainerd } from './containerd.ts'
import { setUpDocker } from './docker.ts'
import type { Host } from './host.ts'
import { setUpPodman, setUpRootless } from './podman.ts'

export interface Client {
  readonly name: string
  /** What has to be installed. */
  readonly programs: readonly string[]
  /** Configures it for the runtime at this path. */
  readonly setUp: (host: Host, path: string) => Promise<void>
  /** A script that runs these words in a container `web`, to its end. */
  readonly run: (words: string) => string
  /** Removes the container, whatever is left of it. */
  readonly tidy: string
  /** Scripts for a container `web` that goes on; buildah has none. */
  readonly sleeping?: {
    /** Starts it, with a program that sleeps. */
    readonly start: string
    /** Runs these words in it. */
    readonly exec: (words: string) => string
  }
  /** Where the client forgets a container whose runtime was killed, with any runtime. */
  readonly forgets?: {
    /** Killed in these sections of a plan. */
    readonly in: readonly Section[]
    /** Takes away what is left. */
    readonly rescue: string
  }
  /** Where tsoci keeps its containers. */
  readonly root: string
}

const deleteAll = (tsoci: string) =>
  `for id in $(${tsoci} list -q); do ${tsoci} delete --force $id; done`

const podman = {
  run: (words: string) => `podman run --name web --network none box ${words}`,
  tidy: 'podman rm -f -t 0 web',
  sleeping: {
    start: 'podman run -d --name web --network none box sleep 1000',
    exec: (words: string) => `podman exec web ${words}`,
  },
}

export const CLIENTS: readonly Client[] = [
  {
    name: 'podman',
    programs: ['podman', 'conmon'],
    setUp: (host, path) => setUpPodman(host, 'tsoci', path),
    ...podman,
    forgets: { in: ['kill', 'delete'], rescue: deleteAll(FRONT) },
    root: '/run/tsoci',
  },
  {
    name: 'podman of an ordinary user',
    programs: ['podman', 'conmon', 'newuidmap', 'setpriv'],
    setUp: (host, path) => setUpRootless(host, 'tsoci', path),
    ...podman,
    forgets: { in: ['kill', 'delete'], rescue: deleteAll(`as_user ${FRONT}`) },
    root: '/run/xdg/tsoci',
  },
  {
    name: 'containerd',
    programs: ['containerd', 'ctr'],
    setUp: async (host, path) => {
      await setUpContainerd(host, path)
      await host.ok(`echo 'export RT=${path}' >>/run/join`)
    },
    run: (words) => `ctr run --runc-binary $RT localhost/box:1 web ${words}`,
    tidy: 'ctr tasks rm -f web; ctr containers rm web',
    sleeping: {
      start: 'ctr run -d --null-io --runc-binary $RT localhost/box:1 web sleep 1000',
      exec: (words) => `ctr tasks exec --exec-id one web ${words}`,
    },
    root: '/run/containerd/runc/default',
  },
  {
    name: 'Docker',
    programs: ['dockerd', 'docker', 'containerd', 'iptables'],
    setUp: (host, path) => setUpDocker(host, 'tsoci', path),
    run: (words) => `docker run --name web --network none box ${words}`,
    tidy: 'docker rm -f web',
    sleeping: {
      start: 'docker run -d --name web --network none box sleep 1000',
      exec: (words) => `docker exec web ${words}`,
    },
    forgets: {
      in: ['start', 'delete'],
      rescue: `ctr='ctr -a /run/docker/containerd/containerd.sock -n moby'
        for id in $($ctr tasks ls -q); do $ctr tasks rm -f $id; $ctr containers rm $id; done`,
    },
    root: '/run/docker/runtime-runc/moby',
  },
  {
    name: 'buildah',
    programs: ['buildah', 'podman'],
    setUp: (host, path) => setUpPodman(host, 'tsoci', path),
    run: (words) =>
      `buildah from --name web box >/dev/null && buildah run --isolation oci --network none web ${words}`,
    tidy: 'buildah rm web',
    forgets: { in: ['prepare', 'clone', 'parent'], rescue: deleteAll(FRONT) },
    root: '/run/tsoci',
  },
]
