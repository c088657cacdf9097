// Writes results to standard output.

/** Prints text. A reader that went away, as in `tsoci list | head -1`, ends us without a word. */
export function print(text: string): void {
  // Asked for here, not at start: standard output costs create some milliseconds for nothing.
  if (process.stdout.listenerCount('error') === 0) {
    process.stdout.on('error', () => process.exit(1))
  }
  process.stdout.write(text)
}
