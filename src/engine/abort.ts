// The global AbortController: what could be aborted is left to Node, so none of these ever fires.

class NeverAborted {
  readonly aborted = false
  throwIfAborted(): void {}
  addEventListener(): void {}
  removeEventListener(): void {}
}

class EngineAbortController {
  readonly signal = new NeverAborted()
  abort(): void {}
}

Object.assign(globalThis, { AbortController: EngineAbortController })
