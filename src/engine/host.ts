// The functions of native/engine_host.c. Numbers below zero are errno values.

/** As statSync() of Node names them. */
export type StatFields = [
  mode: number,
  uid: number,
  gid: number,
  size: number,
  dev: number,
  ino: number,
  rdev: number,
  mtimeMs: number,
  ctimeMs: number,
]

export interface Host {
  open(path: string, flags: number, mode: number): number
  close(fd: number): number
  /** `position` -1: where the file is. */
  read(fd: number, bytes: ArrayBufferLike, from: number, size: number, position: number): number
  write(fd: number, bytes: ArrayBufferLike, from: number, size: number): number
  readAll(fd: number): ArrayBuffer | number
  stat(path: string | number, follow?: boolean): StatFields | number
  /** As path.posix.normalize() of Node. */
  normalize(path: string): string
  readlink(path: string): string | number
  readdir(path: string): string[] | number
  access(path: string, mode: number): number
  mkdir(path: string, mode: number): number
  unlink(path: string): number
  rmdir(path: string): number
  rename(from: string, to: string): number
  isatty(fd: number): boolean
  /** 0 for what is no terminal. */
  columns(fd: number): number
  getenv(name: string): string | undefined
  /** uid, euid, gid, egid, pid, ppid, then the supplementary groups. */
  ids(): number[]
  random(bytes: ArrayBufferLike): number
  /** Milliseconds of CLOCK_MONOTONIC. */
  now(): number
  /** Waits until `fd` can be read, `milliseconds` at most; fd -1 just waits. */
  poll(fd: number, milliseconds: number): number
  pipe(): [number, number] | number
  /** Starts a program whose descriptors 0, 1, … are `fds`; its pid. */
  spawn(path: string, words: readonly string[], fds: readonly number[]): number
  /** Exit status, 128 + n for signal n. */
  wait(pid: number): number
  kill(pid: number, signal: number): number
  /** Empty for a directory that was removed. */
  cwd(): string
  exit(code: number): never
  memoryFile(name: string): number
  lock(dir: string): number
  namespaceRelation(path: string, parent: number): number
  namespaceOwnerUid(path: string): number
  encode(text: string): ArrayBuffer
  decode(bytes: ArrayBufferLike, from: number, size: number): string
  arguments(): string[]
  /** The front door's file; descriptors for the plan, the word that it is whole, of a failure. */
  handedDown(): [front: string, plan: number, done: number, failure: number]
  /** Has Node do what this process was called for; returns where there is none. */
  becomeNode(): void
}

/** native/engine.c has put it there. */
export const { tsociHost: host } = globalThis as unknown as { readonly tsociHost: Host }
