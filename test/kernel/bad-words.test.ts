// Values that make no sense, for each verb and flag: a clear error, and nothing has changed.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSite, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

// ID stands for a running container, NEW for an id that is free, FILE for a file that says `x`.
const table: [line: string, message: RegExp][] = [
  ['update --memory lots ID', /--memory "lots": not a size\nhint: /],
  ['update --memory 1 ID', /write "1" to .*: device or resource busy \(EBUSY\)/],
  ['update --cpu-share -5 ID', /\/linux\/resources\/cpu\/shares: found -5/],
  ['update --cpu-period 5 ID', /cpu[./](max|cfs_period_us).*\(EINVAL\)/],
  ['update --cpu-quota 9999999999999999999 ID', /\/linux\/resources\/cpu\/quota/],
  ['update --cpu-burst x ID', /--cpu-burst "x": not a whole number/],
  ['update --cpu-rt-period x ID', /--cpu-rt-period "x": not a whole number/],
  ['update --cpu-rt-runtime x ID', /--cpu-rt-runtime "x": not a whole number/],
  ['update --cpu-idle maybe ID', /--cpu-idle "maybe": not a whole number/],
  ['update --cpuset-cpus 4000 ID', /write "4000" to .*cpuset\.cpus/],
  ['update --cpuset-mems x ID', /\/linux\/resources\/cpu\/mems: found "x"/],
  ['update --pids-limit 1.5 ID', /--pids-limit "1\.5": not a whole number/],
  ['update --blkio-weight 5 ID', /blockIO\/weight: found 5, expected 10 to 1000/],
  ['update --kernel-memory x ID', /--kernel-memory "x": not a size/],
  ['update --kernel-memory-tcp x ID', /--kernel-memory-tcp "x": not a size/],
  ['update --memory-swap x ID', /--memory-swap "x": not a size/],
  ['update --memory-reservation x ID', /--memory-reservation "x": not a size/],
  ['update --l3-cache-schema x ID', /Intel RDT/],
  ['update --mem-bw-schema x ID', /Intel RDT/],
  ['update --resources FILE ID', /resources:1:1: not JSON/],
  ['update --resources /no/where ID', /cannot read the resources "\/no\/where" \(ENOENT\)/],
  ['update', /update: missing argument <id>/],
  ['events --interval 0 ID', /--interval "0": not a time above zero\nhint: /],
  ['events --interval soon --stats ID', /--interval "soon"/],
  ['events', /events: missing argument <id>/],
  ['ps --format xml ID', /--format "xml": expected table or json/],
  ['ps ID --no-such-option', /^error: ps --no-such-option: /],
  ['list --format xml', /--format "xml": expected table or json/],
  ['ns --format xml ID', /--format "xml": expected tree or json/],
  ['kill ID NOSUCH', /unknown signal "NOSUCH"\nhint: /],
  ['kill ID 99', /unknown signal "99"/],
  ['kill --regex ( KILL', /--regex "\(": not a regular expression/],
  ['delete --regex (', /--regex "\(": not a regular expression/],
  ['delete --regex --force (', /--regex "\(": not a regular expression/],
  ['pause', /pause: missing argument <id>/],
  ['pause ID again', /pause: unexpected argument "again"/],
  ['resume ID again', /resume: unexpected argument "again"/],
  ['state ID again', /state: unexpected argument "again"/],
  ['start ID again', /start: unexpected argument "again"/],
  ['enter ID', /enter: no command\nhint: /],
  ['enter --net ID -- /no/program', /exec \/no\/program: .*\(ENOENT\)/],
  ['mounts steal ID FILE', /mounts: action "steal": expected add or remove/],
  ['mounts add ID FILE', /mounts:1:1: not JSON/],
  ['mounts add ID /no/where', /cannot read the mounts "\/no\/where" \(ENOENT\)/],
  ['exec ID', /exec: no command, and no process file\nhint: /],
  ['exec --cap CAP_NO ID true', /unknown capability "CAP_NO"\nhint: /],
  ['exec --user x ID true', /user "x": not a number\nhint: /],
  ['exec --additional-gids x ID true', /group "x": not a number\nhint: /],
  ['exec --cwd /etc/passwd ID true', /chdir \/etc\/passwd: .*\(ENOTDIR\) \[\/process\/cwd\]/],
  ['exec --preserve-fds x ID true', /--preserve-fds "x": not a whole number/],
  ['exec --process FILE ID', /process:1:1: not JSON/],
  ['exec --process /no/where ID', /cannot read the process file "\/no\/where" \(ENOENT\)/],
  ['exec --pid-file /no/where/pid ID true', /write pid to \/no\/where\/pid: .*\(ENOENT\)/],
  ['exec --pidfd-socket /no/where ID true', /send the pidfd to \/no\/where: .*\(ENOENT\)/],
  ['exec --console-socket /no/where ID true', /process\.terminal is not true\nhint: /],
  ['exec --detach --tty --console-socket /no/where ID true', /\/no\/where.*\(ENOENT\)/],
  ['exec --cgroup .. ID true', /bad sub cgroup path "\.\."/],
  ['exec --cgroup nosuch:/ ID true', /unknown controller/],
  ['exec --cgroup a --cgroup b ID true', /among several each names a controller\nhint: /],
  ['checkpoint --manage-cgroups-mode x ID', /expected soft, full, strict or ignore/],
  ['checkpoint --network-lock x ID', /expected iptables, nftables or skip/],
  ['checkpoint --status-fd x ID', /--status-fd "x": not a whole number/],
  ['checkpoint --page-server x ID', /--page-server "x": expected ADDRESS:PORT/],
  ['checkpoint --empty-ns mars ID', /--empty-ns "mars": unknown namespace\nhint: /],
  ['checkpoint --image-path /dev/null/x ID', /cannot make the directory .*\(ENOTDIR\)/],
  ['restore --image-path /no/where NEW', /no images of a checkpoint in "\/no\/where"\nhint: /],
  ['restore --bundle /no/where NEW', /no images|"\/no\/where" does not exist/],
  ['create ID', /container with given ID already exists: ".*"\nhint: /],
  ['create --pid-file /no/where/pid NEW', /write pid to \/no\/where\/pid: .*\(ENOENT\)/],
  ['create --pidfd-socket /no/where NEW', /send the pidfd to \/no\/where: .*\(ENOENT\)/],
  ['create --console-socket /no/where NEW', /process\.terminal is not true\nhint: /],
  ['create --config /no/where NEW', /"\/no\/where" does not exist \(ENOENT\)\nhint: /],
  ['create --bundle /no/where NEW', /bundle "\/no\/where" does not exist/],
  [
    'create --rootfs-dir /no/where NEW',
    /rootfs "\/no\/where" does not exist \(ENOENT\) \[\/root\/path\]\nhint: /,
  ],
  ['create --cgroup-manager x NEW', /expected cgroupfs, systemd or disabled/],
  ['--deadline x state ID', /--deadline "x": not a whole number/],
  ['--log-format xml state ID', /--log-format "xml": expected text or json/],
  ['--log-level loud state ID', /--log-level "loud": expected error, warning or debug/],
  ['--log /no/where/log state ID', /open log file "\/no\/where\/log": ENOENT/],
  ['--rootless=maybe state ID', /--rootless "maybe": expected true, false or auto/],
  ['--criu /no/where checkpoint ID', /cannot run "\/no\/where" of --criu\nhint: /],
  ['trace /no/where', /cannot read the trace "\/no\/where" \(ENOENT\)/],
  ['trace FILE', /line 1 is no line of a trace\nhint: /],
  ['spec --bundle /no/where', /write "\/no\/where\/config\.json": .*\(ENOENT\)/],
  ['plan --diff /no/where', /bundle "\/no\/where" does not exist/],
  ['completion ksh', /expected bash, zsh or fish/],
  ['install-check vi', /expected podman, buildah, docker or containerd/],
]

test('what makes no sense is refused, and nothing has changed', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const site = openSite(t)
  const id = site.start()
  const file = join(site.dir, 'file')
  writeFileSync(file, 'x\n')
  const cwd = site.bundle()
  const words = { ID: id, NEW: site.id(), FILE: file } as Record<string, string>
  for (const [line, message] of table) {
    await t.test(`tsoci ${line}`, () => {
      const before = [viewHost(site), site.state(id)]
      const { code, stdout, stderr } = site.tsoci(
        line.split(' ').map((word) => words[word] ?? word),
        { cwd },
      )
      // 1 may be what the program of an exec ends with. A line that can't be read is nobody's.
      const isRead = !/not a whole number/.test(stderr)
      assert.equal(code, line.startsWith('exec') && isRead ? 255 : 1, stdout)
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.match(stderr, /^error: /)
      assert.equal(stderr.split('error: ').length, line.startsWith('ps ID') ? 3 : 2)
      assert.doesNotMatch(stderr, /^ +at /m)
      assert.deepEqual([viewHost(site), site.state(id)], before)
    })
  }
})
