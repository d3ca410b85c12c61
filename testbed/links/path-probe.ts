import { setTimeout as sleep } from 'node:timers/promises'
import type { CredentialsOf } from './measure.ts'
import type { Path } from './paths.ts'
import type { Probe } from './probes/probe.ts'
import { probes } from './probes/registry.ts'

const redialMs = 20

/** Asks one path again and again whether it answers, on one connection for as long as that lasts. */
export class PathProbe implements AsyncDisposable {
  readonly path: Path
  readonly #credentialsOf: CredentialsOf
  #probe: Probe | null = null

  constructor(path: Path, credentialsOf: CredentialsOf) {
    this.path = path
    this.#credentialsOf = credentialsOf
  }

  /**
   * Whether the path answers a question asked now, within the given time. A connection that was closed is dialled again as
   * a client would; one that is merely silent is waited for.
   * @throws the signal's reason, and nothing else
   */
  async answers(withinMs: number, signal: AbortSignal): Promise<boolean> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    while (!until.aborted) {
      try {
        this.#probe ??= await probes[this.path.protocol](this.path.via, this.#credentialsOf(this.path), until)
        await this.#probe.ping(until)
        return true
      } catch {
        await this[Symbol.asyncDispose]()
        await sleep(redialMs, undefined, { signal: until }).catch(() => undefined)
      }
    }
    signal.throwIfAborted()
    return false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const probe = this.#probe
    this.#probe = null
    await probe?.[Symbol.asyncDispose]()
  }
}

/** Those of the probes whose paths answer within the time, asked all at once. */
export async function answering(
  all: readonly PathProbe[],
  withinMs: number,
  signal: AbortSignal,
): Promise<readonly PathProbe[]> {
  const answered = await Promise.all(all.map((probe) => probe.answers(withinMs, signal)))
  return all.filter((_, index) => answered[index])
}

/** A path that has not answered by then is silent: far more than its round trip, on a busy machine too. */
export const silenceMs = (path: Path): number => 500 + 2 * path.askedRttMs

/** Time enough for a dial, a login and an answer over this path. */
export const patienceMs = (path: Path): number => 2_000 + 12 * path.askedRttMs
