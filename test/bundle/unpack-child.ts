// Reads the bundle that argv names, in a process of its own; as another user if argv says so.

// All at once: another user may not be allowed to read these files.
import '../../src/bundle/archive.ts'
import { readBundle } from './tar-maker.ts'

const [bundle, uid] = process.argv.slice(2)
if (uid !== undefined) {
  process.setgroups!([])
  process.setgid!(Number(uid))
  process.setuid!(Number(uid))
}
try {
  await readBundle(bundle!, { onWarning: ({ message }) => console.log(message) })
} catch (error) {
  console.log((error as Error).message)
  process.exitCode = 1
}
