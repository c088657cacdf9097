// Cases: terminals, profiles and files without a name.

import assert from 'node:assert/strict'
import { complainingProfile } from './apparmor.ts'
import type { Case, Loose } from './cases.ts'
import { COUNT, small } from './criu.ts'

const load = (name: string) =>
  `echo ${complainingProfile(name).toString('base64')} | base64 -d >/tmp/profile
cat /tmp/profile >/sys/kernel/security/apparmor/.load`

const ANSWER = 'while read line; do echo "got $line"; done'

// CRIU opens one of the container's own even for a program that has none of them.
const withTerminals = ({ mounts }: Loose) => {
  mounts.push({
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['newinstance', 'ptmxmode=0666', 'mode=0620'],
  })
}

export const surroundings: Case[] = [
  {
    why: 'a terminal is sent to the console socket, of the restore as well',
    bundles: {
      box: small(ANSWER, (config) => {
        config.process.terminal = true
        withTerminals(config)
      }),
    },
    script: `mkfifo /tmp/keys; peer terminal /tmp/console </tmp/keys >/tmp/screen 2>&1 &
exec 7>/tmp/keys; until_true [ -e /tmp/console ]
tsoci run -d --console-socket /tmp/console -b box box </dev/null
echo one >&7; until_true grep -q 'got one' /tmp/screen; tr -d '\\r' </tmp/screen
save images box 2>&1; exec 7>&-; wait
rm /tmp/console; peer terminal /tmp/console </tmp/keys >/tmp/screen 2>&1 &
exec 7>/tmp/keys; until_true [ -e /tmp/console ]
tsoci restore -d --console-socket /tmp/console --image-path /tmp/images -b box box </dev/null >/tmp/log 2>&1 || cat /tmp/log
echo two >&7; until_true grep -q 'got two' /tmp/screen; tr -d '\\r' </tmp/screen
end box; exec 7>&-; wait; rm /tmp/keys /tmp/console`,
    check: (output) =>
      assert.deepEqual(output.split('\n'), [
        'terminal',
        'one',
        'got one',
        'terminal',
        'two',
        'got two',
      ]),
  },
  {
    why: '--shell-job takes a program along whose terminal is that of another, and gives it ours',
    bundles: { box: small(ANSWER, withTerminals) },
    script: `mkfifo /tmp/keys
peer within tsoci run --pid-file /tmp/pid -b box box </tmp/keys >/tmp/screen 2>&1 &
exec 7>/tmp/keys; until_true [ -s /tmp/pid ]
echo one >&7; until_true grep -q 'got one' /tmp/screen; tr -d '\r' </tmp/screen
save images --shell-job box 2>&1; exec 7>&-; wait
peer within tsoci restore --shell-job --image-path /tmp/images -b box box </tmp/keys >/tmp/screen 2>&1 &
exec 7>/tmp/keys; until_true is running box
echo two >&7; until_true grep -q 'got two' /tmp/screen; tr -d '\r' </tmp/screen
end box; exec 7>&-; wait; rm /tmp/keys /tmp/pid`,
    check: (output) => assert.deepEqual(output.split('\n'), ['one', 'got one', 'two', 'got two']),
  },
  {
    why: '--lsm-profile restores under another profile of AppArmor',
    bundles: {
      box: small(COUNT, ({ process }: Loose) => {
        process.apparmorProfile = 'tsoci-one'
      }),
    },
    script: `${load('tsoci-one')}
${load('tsoci-two')}
counted box
save images box 2>&1
bring images -b box box
cat /proc/$(pid box)/attr/current
tsoci delete --force box
bring images --lsm-profile apparmor:tsoci-two -b box box
cat /proc/$(pid box)/attr/current; goes_on box $was
end box`,
    check: (output) =>
      assert.deepEqual(output.split('\n'), [
        'tsoci-one (complain)',
        'tsoci-two (complain)',
        'box goes on',
      ]),
  },
  {
    why: '--link-remap takes an open file along whose name is gone',
    bundles: {
      box: small(
        `echo in >/data/file; exec 3<>/data/file; ln /data/file /data/kept; rm /data/file; ${COUNT}`,
        ({ mounts }: Loose) => {
          mounts.push({ destination: '/data', source: '/data', options: ['bind'] })
        },
      ),
    },
    script: `mkdir -p /data; counted box
save images --link-remap box 2>&1; ls /data
bring images --link-remap -b box box
cat /proc/$(pid box)/fd/3; goes_on box 3; ls /data
end box; rm -r /data`,
    check: (output) => assert.match(output, /^kept\s+link_remap\.\d+\nin\nbox goes on\nkept$/),
  },
]
