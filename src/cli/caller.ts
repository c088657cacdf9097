// What the front door tells about its caller.

/** The caller's working directory: the front door starts us in `/`. */
export function callerCwd(): string {
  return process.env.TSOCI_CWD ?? process.cwd()
}
