// What a watch of a container reports; native/watch.c returns these bits.

export const WATCH = {
  oom: 1, // a process was ended, or is held, for lack of memory
  ended: 2, // the init is gone
  stopped: 4, // the caller has had enough
} as const
