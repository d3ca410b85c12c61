import type { DrcTrace } from '@ezone/sdk/model'

interface Traced {
  readonly trace: string | null
  readonly uuid: string
  readonly gno: number
  readonly committedAtMs: number
}

/**
 * The newest transactions that carry a trace, and when a role was done with them: for whoever follows a request to the
 * other zone. Each costs an entry of a map; a line in the log for each would cost more than carrying it.
 */
export class RecentTraces {
  readonly #max: number
  /** Oldest first, as a map keeps them. */
  readonly #kept = new Map<string, Traced & { readonly atMs: number }>()

  constructor(max: number) {
    this.#max = max
  }

  /** @param atMs when the role was done with them, milliseconds since the Unix epoch */
  add(transactions: readonly Traced[], atMs: number): void {
    for (const { trace, uuid, gno, committedAtMs } of transactions) {
      if (trace === null) continue
      this.#kept.delete(trace)
      this.#kept.set(trace, { trace, uuid, gno, committedAtMs, atMs })
    }
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#max) return
      this.#kept.delete(oldest)
    }
  }

  find(trace: string): Omit<DrcTrace, 'role' | 'source'> | undefined {
    const found = this.#kept.get(trace)
    return found && { uuid: found.uuid, gno: found.gno, committedAtMs: found.committedAtMs, atMs: found.atMs }
  }
}
