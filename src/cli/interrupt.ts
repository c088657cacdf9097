// Ctrl-C, and other requests to stop, while a rootfs is unpacked: nothing of it stays.

const REQUESTS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const

/**
 * Fires when such a signal comes, which from here on ends us no more. The front door passes on what it
 * gets, and ends by it once we have (native/interrupt.c).
 */
export function heedInterrupts(): AbortSignal {
  const abort = new AbortController()
  for (const name of REQUESTS) process.on(name, () => abort.abort())
  return abort.signal
}
