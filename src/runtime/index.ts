// The library: the verbs of an OCI runtime as functions.

export type { ErrorCode } from '../errors.ts'
export { TsociError } from '../errors.ts'
export type { Plan } from '../plan/plan.ts'
export type { Config, State } from '../spec/config.ts'
export { check } from './check.ts'
export { checkpoint } from './checkpoint.ts'
export { create, planBundle, run } from './create.ts'
export { enter } from './enter.ts'
export type { ContainerEvent, EventsOptions } from './events.ts'
export { events } from './events.ts'
export { exec } from './exec.ts'
export type { ContainerSummary } from './list.ts'
export { list, listNames, state } from './list.ts'
export { addMounts, parseMounts, removeMounts } from './mounts.ts'
export type { NamespaceReport, NamespaceView } from './namespaces.ts'
export { namespaces } from './namespaces.ts'
export type {
  CheckpointFlags,
  CreateOptions,
  Descriptors,
  EnterOptions,
  ExecOptions,
  KillOptions,
  ListOptions,
  RemoveOptions,
  RestoreFlags,
  RootOptions,
  RunOptions,
  UpdateOptions,
  VerbOptions,
} from './options.ts'
export { processes } from './processes.ts'
export { restore } from './restore.ts'
export type { Stats } from './stats.ts'
export { stats } from './stats.ts'
export type { Span } from './trace.ts'
export { readTrace } from './trace.ts'
export type { UnpackImageOptions } from './unpack.ts'
export { unpack } from './unpack.ts'
export { parseResources, update } from './update.ts'
export { kill, pause, remove, resume, start } from './verbs.ts'
