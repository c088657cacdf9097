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
