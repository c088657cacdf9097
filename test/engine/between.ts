/** Stands behind what each command has printed, with its exit code in front. */
export const BETWEEN = '\n=== the next bundle ===\n'
