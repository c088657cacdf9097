// How podman is set up on a host: configuration that names tsoci and crun, and an image.

import { FRONT } from '../kernel/container.ts'
import { type Host, makeImage } from './host.ts'

const CONTAINERS_CONF = (runtime: string, path: string) => `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[network]
network_backend = "cni"
cni_plugin_dirs = ["/usr/lib/cni"]
network_config_dir = "/run/podman-net"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "${runtime}"
runtime_supports_json = ["crun", "runc", "tsoci"]
runtime_supports_nocgroup = ["crun", "tsoci"]
[engine.runtimes]
${runtime} = ["${path}"]
`

/** Configures podman for a runtime, and imports the image \`box\`. */
export async function setUpPodman(host: Host, runtime = 'tsoci', path = FRONT): Promise<void> {
  await host.write('/etc/containers/containers.conf', CONTAINERS_CONF(runtime, path))
  await host.write(
    '/etc/containers/storage.conf',
    '[storage]\ndriver = "overlay"\ngraphroot = "/var/lib/containers/storage"\nrunroot = "/run/containers/storage"\n',
  )
  await host.ok(`podman import -c 'ENV PATH=/bin' ${makeImage(host.dir)} box`)
}
