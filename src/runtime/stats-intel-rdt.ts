// What resctrl tells about a container's class.

/** Nothing, where the container has no class of its own. */
export function readIntelRdt(_root: string, _id: string): Readonly<Record<string, unknown>> {
  return {}
}
