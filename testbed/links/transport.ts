/** Why a call to a Toxiproxy failed; callers decide by `reason` and `status`, never by the message. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  /** `hung`: no answer within the deadline. `unreachable`: nobody listens. `refused`: it answered with an error. */
  readonly reason: 'hung' | 'unreachable' | 'refused'
  /** HTTP status of a refusal; null otherwise. */
  readonly status: number | null

  constructor(reason: ControlError['reason'], message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.reason = reason
    this.status = options.status ?? null
  }

  static is(error: unknown, what: ControlError['reason'] | number): boolean {
    return error instanceof ControlError && (error.reason === what || error.status === what)
  }
}

/**
 * Transport for toxiproxy-node-client. Its own has neither deadline nor signal, although a Toxiproxy may hang for good,
 * and it drops what the server says about an error. A call given up here also gives up its connection.
 */
export class BoundedTransport {
  readonly #deadlineMs: number
  readonly #signal: AbortSignal

  constructor(deadlineMs: number, signal: AbortSignal) {
    this.#deadlineMs = deadlineMs
    this.#signal = signal
  }

  async get<T>(url: string): Promise<{ data: T }> {
    return { data: JSON.parse(await this.#send('GET', url)) as T }
  }

  async post<T>(url: string, body?: unknown): Promise<{ data: T }> {
    return { data: JSON.parse(await this.#send('POST', url, body)) as T }
  }

  async patch(url: string, body: unknown): Promise<void> {
    await this.#send('PATCH', url, body)
  }

  async delete(url: string): Promise<void> {
    await this.#send('DELETE', url)
  }

  getText(url: string): Promise<string> {
    return this.#send('GET', url)
  }

  async #send(method: string, url: string, body?: unknown): Promise<string> {
    this.#signal.throwIfAborted()
    const deadline = AbortSignal.timeout(this.#deadlineMs)
    const { pathname } = new URL(url)
    try {
      const response = await fetch(url, {
        method,
        signal: AbortSignal.any([this.#signal, deadline]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (response.ok) return text
      throw new ControlError('refused', `${method} ${pathname}: ${response.status} ${text.trim()}`, {
        status: response.status,
      })
    } catch (cause) {
      if (cause instanceof ControlError) throw cause
      this.#signal.throwIfAborted()
      if (deadline.aborted)
        throw new ControlError('hung', `${method} ${pathname}: no answer in ${this.#deadlineMs} ms`, { cause })
      // fetch says only that it failed; why is in its own cause.
      const { message } = ((cause as Error).cause ?? cause) as Error
      throw new ControlError('unreachable', `${method} ${pathname}: ${message}`, { cause })
    }
  }
}
