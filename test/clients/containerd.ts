// How containerd is set up on a host: its daemon, with a runtime for pods, and an image.

import { FRONT } from '../kernel/container.ts'
import { type Host, makeImage } from './host.ts'

const CONFIG = (path: string) => `
version = 2
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.aufs"]
[plugins."io.containerd.internal.v1.opt"]
  path = "/run/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "tested"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested.options]
      BinaryName = "${path}"
      SystemdCgroup = false
`

// ctr takes images as archives only: one layer, a config and a manifest, as docker save writes them.
const IMAGE = `set -e
dir=/run/image-$3; mkdir -p $dir; cp $1 $dir/layer.tar
sum=$(sha256sum $dir/layer.tar | cut -d' ' -f1)
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
cat >$dir/config.json <<END
{"architecture": "$arch", "os": "linux", "config": {"Env": ["PATH=/bin"], "Cmd": $4},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$sum"]}}
END
echo '[{"Config": "config.json", "RepoTags": ["'$2'"], "Layers": ["layer.tar"]}]' >$dir/manifest.json
tar -C $dir -cf $dir.tar manifest.json config.json layer.tar
for namespace in default k8s.io; do ctr -n $namespace image import $dir.tar >/dev/null; done`

const START = `setsid containerd >>/run/containerd.log 2>&1 </dev/null & echo $! >/run/containerd.pid
for i in $(seq 100); do ctr version >/dev/null 2>&1 && exit; sleep 0.1; done
cat /run/containerd.log >&2; exit 1`

/** Starts the daemon, and imports the images \`localhost/box:1\` and \`localhost/pause:1\`. */
export async function setUpContainerd(host: Host, path = FRONT): Promise<void> {
  await host.write('/etc/containerd/config.toml', CONFIG(path))
  // To try another one by hand.
  const { TSOCI_TEST_CONTAINERD: dir } = process.env
  if (dir !== undefined) await host.ok(`echo 'PATH=${dir}:$PATH' >>/run/join`)
  await startContainerd(host)
  await host.write('/run/image.sh', IMAGE)
  const archive = makeImage(host.dir)
  await host.ok(`sh /run/image.sh ${archive} localhost/box:1 box '["sh"]'
    sh /run/image.sh ${archive} localhost/pause:1 pause '["sleep", "100000"]'`)
}

/** Starts the daemon, and waits until it answers. */
export async function startContainerd(host: Host): Promise<void> {
  await host.ok(START)
}
