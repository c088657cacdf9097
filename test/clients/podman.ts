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

// A user with ids to map.
const USER = `echo 'tester:x:7777:7777::/run/home:/bin/sh' >>/etc/passwd; echo 'tester:x:7777:' >>/etc/group
for file in /etc/subuid /etc/subgid; do echo tester:400000:65536 >>$file; done
mkdir -p /run/home /run/xdg; chown 7777:7777 /run/home /run/xdg; chmod 700 /run/xdg
sed -i '/graphroot/d; /runroot/d' /etc/containers/storage.conf
sed -i '/network_config_dir/d' /etc/containers/containers.conf
cat >>/run/join <<'END'
as_user() {
  setpriv --reuid 7777 --regid 7777 --init-groups --inh-caps=-all --reset-env \\
    env XDG_RUNTIME_DIR=/run/xdg HOME=/run/home PATH=/usr/bin:/bin:/usr/sbin:/sbin \\
    sh -c 'cd; exec "$@"' - "$@"
}
podman() { as_user podman "$@"; }
END
chmod 755 "$DIR"; . /run/join; podman import -c 'ENV PATH=/bin' "$DIR/image.tar" box
podman run --rm --network none box true`

/** The same for an ordinary user: scripts call `podman` as that user, and others by `as_user`. */
export async function setUpRootless(host: Host, runtime = 'tsoci', path = FRONT): Promise<void> {
  await setUpPodman(host, runtime, path)
  await host.ok(`DIR=${host.dir}\n${USER}`)
}
