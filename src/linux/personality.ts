// Execution domains by the numbers of linux/personality.h.

/** Domain -> PER_* of personality(2). */
export const PERSONALITIES = { LINUX: 0x0000, LINUX32: 0x0008 } as const
