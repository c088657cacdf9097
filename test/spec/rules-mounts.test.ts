// Rules of mounts: each with a configuration that keeps it and one that breaks it.

import { drop, map, testRules } from './sample.ts'

testRules([
  [
    'a relative destination',
    (c) => (c.mounts[0].destination = 'proc'),
    ['warning /mounts/0/destination'],
  ],
  ['an empty destination', (c) => (c.mounts[1].destination = ''), ['error /mounts/1/destination']],
  [
    'a bind mount by option, and one by type',
    (c) =>
      c.mounts.push(
        { destination: '/a', source: '/srv', options: ['rbind', 'ro'] },
        { destination: '/b', source: 'data', type: 'bind' },
      ),
    [],
  ],
  [
    'a bind mount without a source',
    (c) => (c.mounts = [{ destination: '/a', options: ['bind'] }]),
    ['error /mounts/0'],
  ],
  [
    'a bind mount with file system options',
    (c) => (c.mounts = [{ destination: '/a', source: '/srv', options: ['bind', 'size=1m'] }]),
    ['warning /mounts/0/options/1'],
  ],
  ['a mount without a type', (c) => (c.mounts = [{ destination: '/a' }]), ['error /mounts/0']],
  [
    'a change of propagation',
    (c) => (c.mounts = [{ destination: '/a', type: 'none', options: ['rslave'] }]),
    [],
  ],
  [
    'an idmapped mount with mappings',
    (c) =>
      (c.mounts = [
        {
          destination: '/a',
          source: '/srv',
          options: ['bind', 'idmap'],
          uidMappings: [map(0, 1000, 1)],
          gidMappings: [map(0, 1000, 1)],
        },
      ]),
    [],
  ],
  [
    'an idmapped mount with half the mappings',
    (c) =>
      (c.mounts = [
        {
          destination: '/a',
          source: '/srv',
          options: ['bind', 'ridmap'],
          uidMappings: [map(0, 1000, 1)],
        },
      ]),
    ['error /mounts/0'],
  ],
  [
    'mappings of a mount without the option',
    (c) =>
      (c.mounts = [
        {
          destination: '/a',
          source: '/srv',
          options: ['bind'],
          uidMappings: [map(0, 1000, 1)],
          gidMappings: [map(0, 1000, 1)],
        },
      ]),
    ['warning /mounts/0'],
  ],
  [
    'idmap with the mappings of the container',
    (c) => (c.mounts = [{ destination: '/a', source: '/srv', options: ['bind', 'idmap'] }]),
    [],
  ],
  [
    'idmap with no mappings at all',
    (c) => {
      drop('user')(c)
      delete c.linux.uidMappings
      delete c.linux.gidMappings
      c.mounts = [{ destination: '/a', source: '/srv', options: ['bind', 'idmap'] }]
    },
    ['error /mounts/0/options'],
  ],
])
