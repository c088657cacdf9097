// An AppArmor profile as the kernel loads it: the bytes that apparmor_parser would make.

const name = (text: string) => [0x04, ...sized(text)]
const string = (text: string) => [0x05, ...sized(text)]
const word = (value: number) => [0x02, value & 0xff, (value >> 8) & 0xff, 0, 0]
const struct = (...members: number[][]) => [0x07, ...members.flat(), 0x08]

function sized(text: string): number[] {
  const bytes = [...Buffer.from(text), 0]
  return [bytes.length & 0xff, bytes.length >> 8, ...bytes]
}

const ABI = 5
const COMPLAIN = 1

/** A profile without rules that complains of everything and denies nothing. */
export function complainingProfile(profile: string): Buffer {
  return Buffer.from([
    ...name('version'),
    ...word(ABI),
    ...name('profile'),
    ...struct(
      string(profile),
      [...name('flags'), ...struct(word(0), word(COMPLAIN), word(0))],
      // Capabilities: allowed, audited, quiet, extended.
      [...word(0), ...word(0), ...word(0), ...word(0)],
    ),
  ])
}
