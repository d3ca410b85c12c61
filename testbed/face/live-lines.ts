/** Several lines that say what goes on now: written over on a terminal, nothing elsewhere. */
export class LiveLines implements Disposable {
  readonly #shown: boolean
  #height = 0

  constructor(options: { readonly silent: boolean }) {
    this.#shown = !options.silent && process.stderr.isTTY === true
  }

  show(text: string): void {
    if (!this.#shown) return
    const columns = (process.stderr.columns ?? 80) - 1
    // More lines than the terminal has would scroll away, and could not be written over any more.
    const lines = text
      .split('\n')
      .slice(0, Math.max(1, (process.stderr.rows ?? 24) - 2))
      .map((line) => line.slice(0, columns))
    process.stderr.write(`${this.#home()}${lines.map((line) => `${line}\n`).join('')}`)
    this.#height = lines.length
  }

  /** Takes the lines away: what comes next is the outcome. */
  [Symbol.dispose](): void {
    if (this.#shown) process.stderr.write(this.#home())
    this.#height = 0
  }

  #home = () => (this.#height === 0 ? '' : `\u001b[${this.#height}A\u001b[0J`)
}
