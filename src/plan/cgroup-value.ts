// One value for one cgroup file.

/** `at` is the JSON pointer of the property that asks for it. */
export interface CgroupValue {
  readonly controller: string
  readonly file: string
  readonly value: string
  readonly at: string
}

/** Zero and absent both mean unset, as callers send them. */
export function isSet(value: number | bigint | undefined): value is number | bigint {
  return value !== undefined && value !== 0 && value !== 0n
}

/** pids.max for pids.limit: -1 is no limit, and a limit of 0 would let nothing run at all. */
export function pidsMax(limit: number | bigint): string {
  if (limit < 0) return 'max'
  return String(limit === 0 || limit === 0n ? 1 : limit)
}
