// What a kubelet says to containerd: pods and their containers, over the Container Runtime Interface.

import { fileURLToPath } from 'node:url'
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { Host } from './host.ts'

const PROTO = fileURLToPath(new URL('cri.proto', import.meta.url))

type Message = Record<string, unknown>

/** A pod and the ids of its containers. */
export interface Pod {
  readonly id: string
  readonly config: Message
  readonly namespaces: Message
}

interface ExecAnswer {
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly exit_code: number
}

interface StatsAnswer {
  readonly stats: { readonly memory: { readonly working_set_bytes: { readonly value: number } } }
}

/** What a runtime handler can do, as containerd found out by `tsoci features`. */
export interface HandlerFeatures {
  readonly recursive_read_only_mounts: boolean
  readonly user_namespaces: boolean
}

export interface IdMapping {
  readonly host_id: number
  readonly container_id: number
  readonly length: number
}

export interface Status {
  readonly state: string
  readonly exit_code: number
  readonly reason: string
  readonly message: string
}

interface Handler {
  readonly name: string
  readonly features: HandlerFeatures
}

export interface Exec {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Where the namespaces of a pod come from; POD when left out. */
export interface PodKind extends Partial<Record<'network' | 'pid' | 'ipc', Mode>> {
  /** May it have containers that are? */
  readonly privileged?: boolean
  /** Ids of a user namespace for the pod, for users and groups alike. */
  readonly ids?: readonly IdMapping[]
}

type Mode = 'POD' | 'CONTAINER' | 'NODE'

/** A kubelet, as far as the runtime goes. */
export class Kubelet {
  readonly #client: InstanceType<ServiceClientConstructor>

  constructor(host: Host) {
    const options = { keepCase: true, longs: Number, enums: String, defaults: true }
    const { runtime } = loadPackageDefinition(loadSync(PROTO, options)) as unknown as {
      runtime: { v1: { RuntimeService: ServiceClientConstructor } }
    }
    const socket = host.outside('/run/containerd/containerd.sock')
    this.#client = new runtime.v1.RuntimeService(`unix:${socket}`, credentials.createInsecure())
  }

  /** What containerd announces of the runtime; undefined before containerd 2.0, which does not ask. */
  async features(): Promise<HandlerFeatures | undefined> {
    const answer = await this.#call<{ runtime_handlers: Handler[] }>('Status', {})
    return answer.runtime_handlers.find(({ name }) => name === 'tested')?.features
  }

  /** Starts a pod of the handler that setUpContainerd() makes. */
  async runPod(name: string, kind: PodKind = {}): Promise<Pod> {
    const { privileged = false, ids, ...modes } = kind
    const namespaces =
      ids === undefined
        ? modes
        : { ...modes, userns_options: { mode: 'POD', uids: ids, gids: ids } }
    const config = {
      metadata: { name, uid: name, namespace: 'default' },
      hostname: modes.network === 'NODE' ? '' : name,
      log_directory: `/run/pods/${name}`,
      linux: {
        cgroup_parent: `/pods/${name}`,
        security_context: { namespace_options: namespaces, privileged },
      },
    }
    const { pod_sandbox_id } = await this.#call<{ pod_sandbox_id: string }>('RunPodSandbox', {
      config,
      runtime_handler: 'tested',
    })
    return { id: pod_sandbox_id, config, namespaces }
  }

  /** Creates a container of the pod; its id. */
  async create(pod: Pod, name: string, command: string[], more: Message = {}): Promise<string> {
    const config = {
      metadata: { name },
      image: { image: 'localhost/box:1' },
      command,
      log_path: `${name}.log`,
      linux: { security_context: { namespace_options: pod.namespaces } },
      ...more,
    }
    const request = { pod_sandbox_id: pod.id, config, sandbox_config: pod.config }
    return (await this.#call<{ container_id: string }>('CreateContainer', request)).container_id
  }

  async start(id: string): Promise<void> {
    await this.#call('StartContainer', { container_id: id })
  }

  async run(pod: Pod, name: string, command: string[], more: Message = {}): Promise<string> {
    const id = await this.create(pod, name, command, more)
    await this.start(id)
    return id
  }

  /** Runs a program in a container, to its end. */
  async exec(id: string, ...cmd: string[]): Promise<Exec> {
    const answer = await this.#call<ExecAnswer>('ExecSync', { container_id: id, cmd, timeout: 20 })
    const { stdout, stderr, exit_code } = answer
    return { stdout: stdout.toString(), stderr: stderr.toString(), exitCode: exit_code }
  }

  async status(id: string): Promise<Status> {
    const answer = await this.#call<{ status: Status }>('ContainerStatus', { container_id: id })
    return answer.status
  }

  async memory(id: string): Promise<number> {
    const { stats } = await this.#call<StatsAnswer>('ContainerStats', { container_id: id })
    return stats.memory.working_set_bytes.value
  }

  async update(id: string, linux: Message): Promise<void> {
    await this.#call('UpdateContainerResources', { container_id: id, linux })
  }

  async stop(id: string, timeout = 0): Promise<void> {
    await this.#call('StopContainer', { container_id: id, timeout })
  }

  async remove(id: string): Promise<void> {
    await this.#call('RemoveContainer', { container_id: id })
  }

  /** Stops the pod with all its containers, and removes them. */
  async removePod(pod: Pod): Promise<void> {
    await this.#call('StopPodSandbox', { pod_sandbox_id: pod.id })
    await this.#call('RemovePodSandbox', { pod_sandbox_id: pod.id })
  }

  close(): void {
    this.#client.close()
  }

  #call<Answer>(method: string, request: Message): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 60_000
      this.#client[method]!(request, { deadline }, (error: Error | null, answer: Answer) =>
        error === null ? resolve(answer) : reject(error),
      )
    })
  }
}
