// Annotations that confine the process further: Landlock, and cores of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Change, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()

const annotate =
  (annotations: Record<string, string>, more: Change = () => {}): Change =>
  (config) => {
    Object.assign(config, { annotations })
    more(config)
  }

/** Runs a script under Landlock; undefined where this kernel has none, or not that much. */
function lines(site: Site, script: string, annotations: Record<string, string>) {
  const writable: Change = ({ root }) => {
    root.readonly = false
  }
  const { code, stdout, stderr } = site.run(script, annotate(annotations, writable))
  if (/landlock_create_ruleset.*(ENOSYS|EOPNOTSUPP)/.test(stderr)) return undefined
  assert.equal(code, 0, stderr)
  return stdout.trim().split('\n')
}

test('the process reads and writes what Landlock lets it, and no more', { skip }, (t) => {
  const site = openSite(t)
  const script = `cat /etc/passwd >/dev/null && echo reads
(cat /proc/self/status || echo no proc) 2>/dev/null
(echo x >/tmp/x) 2>/dev/null && echo writes
(echo x >/dev/shm/x) 2>/dev/null || echo no shm`
  const found = lines(site, script, {
    'org.tsoci.landlock.read': '/bin:/etc/passwd',
    'org.tsoci.landlock.write': '/tmp:/dev/null',
  })
  if (found === undefined) return t.skip('this kernel has no Landlock')
  assert.deepEqual(found, ['reads', 'no proc', 'writes', 'no shm'])
})

test('a process of exec is under Landlock, too', { skip }, (t) => {
  const site = openSite(t)
  const annotations = { 'org.tsoci.landlock.read': '/bin' }
  if (lines(site, 'true', annotations) === undefined) return t.skip('this kernel has no Landlock')
  const id = site.start(annotate(annotations))
  assert.equal(site.tsoci(['exec', id, 'true']).code, 0)
  assert.equal(site.tsoci(['exec', id, 'cat', '/etc/passwd']).code, 1)
})

test('the process binds the ports that Landlock lets it, and no more', { skip }, (t) => {
  const site = openSite(t)
  const script = `for port in 81 80; do
timeout 1 busybox nc -l -p $port >/dev/null 2>&1; echo "$port $?"
done`
  const found = lines(site, script.replaceAll('timeout', 'busybox timeout'), {
    'org.tsoci.landlock.bind': '80',
  })
  if (found === undefined) return t.skip('this kernel has no Landlock for ports')
  // Ended by timeout when it may listen, by itself when it may not.
  assert.deepEqual(found, ['81 1', '80 143'])
})

test('Landlock without noNewPrivileges is refused, and a path that is not there', { skip }, (t) => {
  const site = openSite(t)
  const names = { 'org.tsoci.landlock.read': '/nosuch' }
  const loose = annotate(names, ({ process }) => {
    process.noNewPrivileges = false
  })
  assert.match(site.run('true', loose).stderr, /noNewPrivileges/)
  assert.match(site.run('true', annotate(names)).stderr, /landlock|nosuch/)
  assert.deepEqual(site.ids(), [])
})

test('core scheduling is done, or refused with the reason', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', annotate({ 'org.tsoci.core-scheduling': '1' }))
  if (code === 0) return
  assert.match(
    stderr,
    /cannot share cores .*: .*(EINVAL|ENODEV)[\s\S]*(CONFIG_SCHED_CORE|one thread)/,
  )
  assert.deepEqual(site.ids(), [])
})
