// Rows: linux: namespaces, ids, devices, network.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Change, dropNamespace, setNamespaces, whyNotRootless } from '../kernel/container.ts'
import { inMachine, prints, type Row, refuses, row, tries, triesIf } from './row.ts'
import { put } from './top.ts'

const NAMESPACES = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const

const ids = (hostID: number) => [{ containerID: 0, hostID, size: 65_536 }]
export const userNamespace: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  put(config.linux, { uidMappings: ids(200_000), gidMappings: ids(200_000) })
}
export const set =
  (values: object): Change =>
  (config) =>
    put(config.linux, values)

const link = (of: number | string, file: string) => readlinkSync(`/proc/${of}/ns/${file}`)
const dir = '/sys/class/net'
const noVeth =
  spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'tv0', 'type', 'veth']).status !== 0 &&
  'no veth devices can be made here'

export const linux: readonly Row[] = [
  ...Object.entries(NAMESPACES).map(([type, file]) =>
    row(
      `\`namespaces\` of type \`${type}\``,
      'yyy',
      tries((site) => {
        const id = site.create((config) => {
          if (type === 'user') userNamespace(config)
          else setNamespaces(config, { type: type as 'pid' })
        })
        assert.notEqual(link(site.state(id).pid, file), link('self', file))
      }),
    ),
  ),
  row(
    '`namespaces/path`: joins the one that is there',
    'yyy',
    tries((site) => {
      const { pid } = site.state(site.start())
      const path = `/proc/${pid}/ns/ipc`
      const id = site.create((config) => setNamespaces(config, { type: 'ipc', path }))
      assert.equal(link(site.state(id).pid, 'ipc'), link(pid, 'ipc'))
    }),
  ),
  row(
    'a namespace that comes twice is an error',
    'ynn',
    refuses((config) => void config.linux.namespaces.push({ type: 'pid' }), /"pid" comes twice/),
  ),
  row(
    'id mappings beside the path of a user namespace: a warning',
    'ynp',
    tries((site) => {
      const first = site.state(site.start(userNamespace)).pid
      const { code, stderr } = site.run('true', (config) => {
        userNamespace(config)
        setNamespaces(config, { type: 'user', path: `/proc/${first}/ns/user` })
      })
      assert.equal(code, 0, stderr)
      assert.match(stderr, /\/linux\/uidMappings/)
    }),
  ),
  row(
    'no mount namespace: chroot, and no masked or read-only paths',
    'yyy',
    tries((site) => {
      const bare: Change = (config) => {
        dropNamespace(config, 'mount')
        config.mounts = []
        put(config.linux, { maskedPaths: [], readonlyPaths: [] })
        config.root.readonly = false
      }
      assert.deepEqual(site.lines('ls -d /bin', bare), ['/bin'])
      const { code } = site.run('true', (config) => {
        bare(config)
        put(config.linux, { maskedPaths: ['/etc'] })
      })
      assert.equal(code, 1)
    }),
  ),
  row(
    '`uidMappings` `gidMappings`',
    'yyy',
    prints("cat /proc/self/uid_map | tr -s ' '", userNamespace, [' 0 200000 65536']),
  ),
  row(
    'a container of an ordinary user',
    'yyy',
    triesIf(whyNotRootless(), (site) => {
      spawnSync('chmod', ['777', site.dir])
      const dir = join(site.dir, 'user')
      assert.equal(spawnSync('install', ['-d', '-o', '54321', '-g', '54321', dir]).status, 0)
      const words = ['spec', '--rootless', '--bundle', dir]
      site.ok(words, { user: 54321 })
      assert.ok(existsSync(join(dir, 'config.json')))
      const config = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'))
      assert.equal(config.linux.uidMappings[0].hostID, 54321)
      const bundle = site.bundle((it) => {
        const process = { ...config.process, terminal: false, args: ['id', '-u'] }
        put(it, { ...config, process })
      })
      spawnSync('chown', ['-hR', '54321:54321', bundle])
      const root = ['--root', join(dir, 'state')]
      const out = site.ok([...root, 'run', '--bundle', bundle, site.id()], {
        user: 54321,
        cwd: dir,
      })
      assert.equal(out, '0\n')
    }),
  ),
  row(
    '`timeOffsets/monotonic` and `/boottime`',
    'yyy',
    tries((site) => {
      const [line] = site.lines('cat /proc/uptime', (config) => {
        setNamespaces(config, { type: 'time' })
        put(config.linux, {
          timeOffsets: { boottime: { secs: 1_000_000, nanosecs: 5 }, monotonic: { secs: 5 } },
        })
      })
      const host = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
      assert.ok(Math.abs(Number(line!.split(' ')[0]) - host - 1_000_000) < 60, line)
    }),
  ),
  row(
    '`devices`: `c` `u` `b` `p`, number, mode and owner',
    'yyy',
    prints(
      "stat -c '%F %a %u %g %t:%T' /dev/a /dev/b /dev/c /dev/d",
      set({
        devices: [
          { type: 'c', path: '/dev/a', major: 1, minor: 3, fileMode: 0o640, uid: 5, gid: 6 },
          { type: 'b', path: '/dev/b', major: 7, minor: 9, fileMode: 0o600, uid: 0, gid: 0 },
          { type: 'p', path: '/dev/c', fileMode: 0o622, uid: 0, gid: 0 },
          { type: 'u', path: '/dev/d', major: 1, minor: 5, fileMode: 0o666, uid: 0, gid: 0 },
        ],
      }),
      [
        'character special file 640 5 6 1:3',
        'block special file 600 0 0 7:9',
        /^fifo 622 0 0/,
        'character special file 666 0 0 1:5',
      ],
    ),
  ),
  row(
    'the default devices and links of /dev',
    'yyy',
    prints('for it in null zero full random urandom tty; do test -c /dev/$it && echo $it; done; ' +
      'for it in fd stdin stdout stderr ptmx; do readlink /dev/$it; done', () => {}, [
      ...['null', 'zero', 'full', 'random', 'urandom', 'tty'],
      ...['/proc/self/fd', '/proc/self/fd/0', '/proc/self/fd/1', '/proc/self/fd/2'],
      /pts\/ptmx$/,
    ]),
  ),
  row(
    'devices in a user namespace: those of the host are bound',
    'yyy',
    prints('echo x > /dev/null; head -c 2 /dev/zero | wc -c', userNamespace, ['2']),
  ),
  row(
    '`netDevices`, with another `name`',
    'yyy',
    triesIf(noVeth, (site) => {
      const name = `tc${process.pid % 100_000}`
      const words = ['link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`]
      assert.equal(spawnSync('ip', words).status, 0)
      site.atClose(() => spawnSync('ip', ['link', 'del', 'dev', `${name}p`]))
      const lines = site.lines(`ls ${dir}`, set({ netDevices: { [name]: { name: 'inner' } } }))
      assert.ok(lines.includes('inner'), lines.join())
    }),
  ),
  row(
    'the loopback device is up in a new network namespace',
    'yyn',
    prints('ip -o link show lo | grep -c "[<,]UP[,>]"', () => {}, ['1']),
  ),
  row(
    '`cgroupsPath`: from the top, or from our own; never out of the hierarchy',
    'yyy',
    tries((site) => {
      for (const path of ['/', '']) {
        const name = site.id()
        const cgroupsPath = `${path}../${name}`
        const id = site.create(set({ cgroupsPath }))
        for (const dir of site.stored(id).cgroups) assert.ok(dir.endsWith(`/${name}`), dir)
        site.ok(['delete', '--force', id])
      }
    }),
  ),
  row(
    '`cgroupsPath` of systemd, `slice:prefix:name`',
    'yyp',
    inMachine(
      'systemd-cases.ts',
      'the init is in a scope of system.slice, named after the container',
    ),
  ),
]
