/** On a stream that is no terminal, so many milliseconds lie between two lines at the least. */
const plainEveryMs = 10_000

/** One line that says what goes on now: written over on a terminal, now and then a new one elsewhere, none with --json. */
export class LiveLine implements Disposable {
  readonly #silent: boolean
  readonly #monotonicMs: () => number
  #shownMs = Number.NEGATIVE_INFINITY
  #open = false

  constructor(options: { readonly silent: boolean; readonly clock: { monotonicMs(): number } }) {
    this.#silent = options.silent
    this.#monotonicMs = () => options.clock.monotonicMs()
  }

  show(text: string): void {
    if (this.#silent) return
    if (process.stderr.isTTY) {
      this.#open = true
      process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`)
      return
    }
    const nowMs = this.#monotonicMs()
    if (nowMs - this.#shownMs < plainEveryMs) return
    this.#shownMs = nowMs
    process.stderr.write(`${text}\n`)
  }

  /** Takes the line away: what comes next is the outcome. */
  [Symbol.dispose](): void {
    if (this.#open) process.stderr.write('\r\u001b[2K')
    this.#open = false
  }
}
