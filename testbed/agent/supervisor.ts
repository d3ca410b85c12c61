import { setTimeout as sleep } from 'node:timers/promises'
import type { Observed, Runtime } from '../runtimes/runtime.ts'
import type { NewEvent } from './events.ts'

const lookEveryMs = 1_000
const linesKept = 20

/**
 * Watches what runs and tells when something ends that nobody asked to end. It does not start it again: in a testbed a
 * death is a finding, not a nuisance, and a server that comes back by itself would hide it. `ezone up` repairs.
 */
export class Supervisor implements AsyncDisposable {
  readonly #runtime: Runtime
  readonly #tell: (event: NewEvent) => void
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #watched: readonly Observed[] = []

  constructor(runtime: Runtime, tell: (event: NewEvent) => void) {
    this.#runtime = runtime
    this.#tell = tell
    this.#loop = this.#watch()
  }

  /** From now on these are expected to run; whatever was stopped on purpose must not be among them. */
  expect(running: readonly Observed[]): void {
    this.#watched = running.filter((o) => o.running)
  }

  /** These are about to be ended on purpose. */
  expectEnd(specIds: readonly string[]): void {
    this.#watched = this.#watched.filter((o) => !specIds.includes(o.specId))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
      await this.#look().catch((error) =>
        this.#tell({ type: 'warning', text: `supervision could not look: ${(error as Error).message}` }),
      )
    }
  }

  async #look(): Promise<void> {
    const looked = this.#watched
    const alive = await Promise.all(looked.map((o) => this.#runtime.isRunning(o)))
    // A command changed the expectation meanwhile: what was seen belongs to the old one.
    if (looked !== this.#watched) return
    const missing = looked.filter((_, index) => !alive[index])
    if (missing.length === 0) return
    // What runs again under another pid was restarted on purpose (a link whose control hung); it is watched as it is now.
    const now = await this.#runtime.observe(this.#stop.signal)
    const heir = (o: Observed) => now.find((n) => n.specId === o.specId && n.running)
    this.#watched = looked.flatMap((o) => (missing.includes(o) ? (heir(o) ?? []) : o))
    for (const { specId } of missing.filter((o) => heir(o) === undefined))
      this.#tell({ type: 'died', target: specId, lastLines: await this.#runtime.tail(specId, linesKept) })
  }
}
