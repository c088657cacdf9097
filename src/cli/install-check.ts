// tsoci install-check: is a client on this host set up for tsoci, and does a container run through it?

import { type Client, checkInstall } from '../host/install.ts'
import { frontPath } from '../launch/front-path.ts'
import type { Arguments } from './arguments.ts'
import { describeFindings } from './doctor.ts'
import { print } from './print.ts'

/** Exit code 1: the client does not use tsoci, or no container runs. */
export async function run(args: Arguments): Promise<number> {
  const client = args.text('client') as Client
  const findings = checkInstall(client, frontPath())
  const isInstalled = findings.every((it) => it.status !== 'missing')
  if (args.has('json'))
    print(`${JSON.stringify({ client, installed: isInstalled, findings }, null, 2)}\n`)
  else print(describeFindings(findings))
  return isInstalled ? 0 : 1
}
