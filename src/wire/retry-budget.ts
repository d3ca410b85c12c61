/** Repetitions at once, as a share of the requests in flight, but always some: with few requests a share is nothing. */
const share = 0.2
const atLeast = 3

/**
 * Keeps repetitions from multiplying the load of whoever is in trouble already: at most 20 % of the requests in flight,
 * at least 3 (the defaults of Envoy's retry budget).
 */
export class RetryBudget {
  #retrying = 0

  /** Repeats within the budget; undefined where it is spent. */
  async spend<T>(inFlight: number, repeat: () => Promise<T>): Promise<T | undefined> {
    if (this.#retrying >= Math.max(atLeast, inFlight * share)) return undefined
    this.#retrying++
    try {
      return await repeat()
    } finally {
      this.#retrying--
    }
  }
}
