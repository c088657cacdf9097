// Rules of sysctl: each with a configuration that keeps it and one that breaks it.

import { drop, testRules } from './sample.ts'

testRules([
  [
    'sysctls of own namespaces',
    (c) =>
      (c.linux.sysctl = {
        'kernel.msgmax': '1',
        'kernel.shm_rmid_forced': '1',
        'fs.mqueue.msg_max': '1',
        'net.ipv4.ip_forward': '1',
        'net/ipv4/conf/eno2.100/rp_filter': '1',
        'kernel.domainname': 'x',
        'user.max_user_namespaces': '1',
      }),
    [],
  ],
  [
    'a sysctl of the host',
    (c) => (c.linux.sysctl = { 'vm.swappiness': '1', 'kernel/panic': '1' }),
    ['error /linux/sysctl/vm.swappiness', 'error /linux/sysctl/kernel~1panic'],
  ],
  [
    'kernel.hostname',
    (c) => (c.linux.sysctl = { 'kernel.hostname': 'x' }),
    ['error /linux/sysctl/kernel.hostname'],
  ],
  [
    'sysctls that lead out of /proc/sys',
    (c) => (c.linux.sysctl = { 'net/../kernel/panic': '1', 'net.ipv4.../x': '1', net: '1' }),
    [
      'error /linux/sysctl/net~1..~1kernel~1panic',
      'error /linux/sysctl/net.ipv4...~1x',
      'error /linux/sysctl/net',
    ],
  ],
  [
    'a sysctl of ipc without its namespace',
    (c) => {
      drop('ipc')(c)
      c.linux.sysctl = { 'kernel.sem': '1', 'fs/mqueue/msg_max': '1' }
    },
    ['error /linux/sysctl/kernel.sem', 'error /linux/sysctl/fs~1mqueue~1msg_max'],
  ],
  [
    'a sysctl of the network without its namespace',
    (c) => {
      drop('network')(c)
      c.linux.sysctl = { 'net.core.somaxconn': '1' }
    },
    ['error /linux/sysctl/net.core.somaxconn'],
  ],
  [
    'a sysctl of users without their namespace',
    (c) => {
      drop('user')(c)
      delete c.linux.uidMappings
      delete c.linux.gidMappings
      c.linux.sysctl = { 'user.max_pid_namespaces': '1' }
    },
    ['error /linux/sysctl/user.max_pid_namespaces'],
  ],
])
