// Terminals of containers, through podman and Docker in a terminal multiplexer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNothingLeft } from './compare.ts'
import { setUpDocker } from './docker.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

const clients = [
  { cli: 'podman', programs: ['podman', 'conmon'], setUp: setUpPodman, rm: 'podman rm -f -t 0' },
  {
    cli: 'docker',
    programs: ['dockerd', 'docker', 'iptables'],
    setUp: setUpDocker,
    rm: 'docker rm -f',
  },
]

for (const { cli, programs, setUp, rm } of clients) {
  const skip = whyNoClient('tmux', ...programs)
  test(`${cli} run -it and exec -it: size, resize, Ctrl-C, detach`, {
    skip,
    timeout: 120_000,
  }, async (t) => {
    const host = await Host.open(t)
    await setUp(host)
    await host.ok(`${cli} run --rm --network none box true`)
    const before = await host.look()
    await host.write('/run/tmux.conf', 'set -g status off\nset -g default-size 101x31\n')
    const tmux = (words: string) => host.ok(`tmux -S /run/tmux.sock -f /run/tmux.conf ${words}`)
    const type = (keys: string) => tmux(`send-keys ${keys}`)
    const shows = async (what: RegExp) => {
      const deadline = Date.now() + 15_000
      for (;;) {
        const screen = await tmux('capture-pane -p')
        if (what.test(screen)) return
        if (Date.now() > deadline) assert.match(screen, what)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }

    await tmux(
      `new-session -d -x 101 -y 31 '${cli} run -it --name web --network none box sh; echo ended $?; cat'`,
    )
    await shows(/# *$/m)
    await type("'stty size' Enter")
    await shows(/^31 101$/m)
    await tmux('resize-window -x 90 -y 20')
    await type("'clear; stty size' Enter")
    await shows(/^20 90$/m)
    await type("'clear; echo asleep; sleep 100' Enter")
    await shows(/^asleep$/m)
    await type('C-c')
    await shows(/^\^C\n.*# *$/m)
    await type("'echo code $?' Enter")
    await shows(/^code 130$/m)
    // Apart: podman looks for one key in each read, and on a busy machine it reads both at once.
    for (let tries = 0; tries < 5; tries++) {
      await type('C-p')
      await new Promise((resolve) => setTimeout(resolve, 200))
      await type('C-q')
      await new Promise((resolve) => setTimeout(resolve, 500))
      if (/ended 0$/m.test(await tmux('capture-pane -p'))) break
    }
    await shows(/ended 0$/m)
    assert.equal(await host.ok(`${cli} inspect web --format '{{.State.Status}}'`), 'running')

    await tmux(`respawn-window -k '${cli} exec -it web sh; echo left $?; cat'`)
    await shows(/# *$/m)
    await type("'clear; stty size; tty' Enter")
    await shows(/^20 90\n\/dev\/pts\/\d+$/m)
    await tmux('resize-window -x 95 -y 25')
    await type("'clear; stty size' Enter")
    await shows(/^25 95$/m)
    await type("'clear; echo asleep; sleep 100' Enter")
    await shows(/^asleep$/m)
    await type('C-c')
    await shows(/^\^C\n.*# *$/m)
    await type("'exit 3' Enter")
    await shows(/^left 3$/m)
    await host.ok(`${rm} web`)
    await tmux('kill-server')
    await assertNothingLeft(host, before)
  })
}
