import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CgroupFacts, cgroupDir, parseCgroupFacts } from '../../src/host/cgroups.ts'

interface Host {
  mountinfo: string
  selfCgroup: string
  /** Text of each cgroup.controllers file. */
  controllers?: Record<string, string>
}

const root = '23 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw'

const v2: Host = {
  mountinfo: `${root}
31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate`,
  selfCgroup: '0::/user.slice/user-1000.slice/session-2.scope\n',
  controllers: {
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma misc\n',
    '/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/cgroup.controllers': 'memory pids\n',
  },
}

const v1: Host = {
  mountinfo: `${root}
31 23 0:28 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
32 31 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`,
  selfCgroup: '4:memory:/user\n3:cpu,cpuacct:/\n2:freezer:/\n1:name=systemd:/user/a:b\n',
}

const hybrid: Host = {
  mountinfo: `${v1.mountinfo}
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`,
  selfCgroup: `${v1.selfCgroup}0::/user\n`,
  controllers: { '/sys/fs/cgroup/unified/cgroup.controllers': '\n' },
}

// A container with the host's cgroup namespace: each mount shows the container's own cgroup.
const nested: Host = {
  mountinfo: `600 500 0:50 / / rw - overlay overlay rw
610 600 0:60 / /sys/fs/cgroup rw - tmpfs tmpfs rw
611 610 0:31 /docker/abc /sys/fs/cgroup/memory ro master:17 - cgroup cgroup rw,memory
612 610 0:32 /docker/abc /sys/fs/cgroup/pids ro master:18 - cgroup cgroup rw,pids`,
  selfCgroup: '5:pids:/docker/abc/inner\n4:memory:/docker/abc\n',
}

// Docker in docker: a second mount of the hierarchy shows all of it, and our cgroup with it.
const dockerInDocker: Host = {
  mountinfo: `600 500 0:50 / / rw - overlay overlay rw
611 600 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
612 600 0:31 / /host/cgroup\\040all rw - cgroup cgroup rw,memory`,
  selfCgroup: '4:memory:/system.slice/docker.service\n',
}

const stacked: Host = {
  mountinfo: `${v1.mountinfo}
50 31 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw`,
  selfCgroup: hybrid.selfCgroup,
}

const vpn: Host = {
  mountinfo: `${v2.mountinfo}
50 23 0:60 / /run/vpn/net_cls rw - cgroup cgroup rw,net_cls`,
  selfCgroup: `1:net_cls:/\n${v2.selfCgroup}`,
}

function parse({ mountinfo, selfCgroup, controllers }: Host): CgroupFacts {
  const readControllers = (file: string) => controllers?.[file] ?? ''
  return parseCgroupFacts({ mountinfo, selfCgroup, readControllers })
}

const layouts: [why: string, host: Host, layout: string, mounts: string[]][] = [
  ['nothing mounted', { mountinfo: root, selfCgroup: v1.selfCgroup }, 'none', []],
  ['empty files', { mountinfo: '', selfCgroup: '' }, 'none', []],
  ['v2 alone', v2, 'v2', ['/sys/fs/cgroup']],
  [
    'v1 alone, without a hierarchy that is not mounted',
    v1,
    'v1',
    ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/systemd'],
  ],
  [
    'v1 with v2 beside it',
    hybrid,
    'hybrid',
    [
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup/cpu,cpuacct',
      '/sys/fs/cgroup/systemd',
      '/sys/fs/cgroup/unified',
    ],
  ],
  ['a container', nested, 'v1', ['/sys/fs/cgroup/pids', '/sys/fs/cgroup/memory']],
  ['v2 mounted over v1', stacked, 'v2', ['/sys/fs/cgroup']],
  ['v2 with one v1 hierarchy elsewhere', vpn, 'v2', ['/run/vpn/net_cls', '/sys/fs/cgroup']],
]
for (const [why, host, layout, mounts] of layouts) {
  test(`parseCgroupFacts() finds the mounts of ${why}`, () => {
    const facts = parse(host)
    assert.equal(facts.layout, layout)
    const found = [...facts.v1, ...(facts.v2 === undefined ? [] : [facts.v2])]
    assert.deepEqual(
      found.map((it) => it.mount),
      mounts,
    )
  })
}

test('parseCgroupFacts() tells the controllers of the top from our own', () => {
  const facts = parse(v2)
  assert.ok(facts.v2?.controllers.includes('cpuset'))
  assert.deepEqual(facts.ownControllers, ['memory', 'pids'])
})

test('parseCgroupFacts() keeps co-mounted controllers together, and names apart', () => {
  const facts = parse(v1)
  assert.deepEqual(facts.v1[1]?.controllers, ['cpu', 'cpuacct'])
  assert.deepEqual(facts.v1[2]?.controllers, [])
  assert.equal(facts.v1[2]?.named, 'systemd')
})

test('parseCgroupFacts() counts lines without the one of v2', () => {
  assert.deepEqual(
    parse(hybrid).v1.map((it) => it.line),
    [0, 1, 3],
  )
  assert.equal(parse(hybrid).v2?.line, -1)
})

test('parseCgroupFacts() keeps a colon in a path', () => {
  assert.equal(parse(v1).v1[2]?.ownDir, '/sys/fs/cgroup/systemd/user/a:b')
})

test('parseCgroupFacts() takes the root of the mount from our path', () => {
  const [pids, memory] = parse(nested).v1
  assert.equal(pids?.ownDir, '/sys/fs/cgroup/pids/inner')
  assert.equal(memory?.ownDir, '/sys/fs/cgroup/memory')
})

test('parseCgroupFacts() prefers the mount that shows our own cgroup', () => {
  const [memory] = parse(dockerInDocker).v1
  assert.equal(memory?.mount, '/host/cgroup all')
  assert.equal(memory?.ownDir, '/host/cgroup all/system.slice/docker.service')
})

test('parseCgroupFacts() takes the mount itself for a cgroup outside of it', () => {
  const facts = parse({ ...nested, selfCgroup: '4:memory:/elsewhere\n' })
  assert.equal(facts.v1[0]?.ownDir, '/sys/fs/cgroup/memory')
})

const dirs: [mount: string, root: string, path: string, dir: string | undefined][] = [
  ['/m', '/', '/', '/m'],
  ['/m', '/', '/a/b', '/m/a/b'],
  ['/m', '/a', '/a', '/m'],
  ['/m', '/a', '/a/b', '/m/b'],
  ['/m', '/a', '/ab', undefined],
  ['/m', '/a', '/', undefined],
  ['/m', '/', '/../other', undefined],
]
for (const [mount, top, path, dir] of dirs) {
  test(`cgroupDir() finds ${path} below a mount of ${top}`, () => {
    assert.equal(cgroupDir(mount, top, path), dir)
  })
}
