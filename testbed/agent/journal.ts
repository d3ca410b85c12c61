import { appendFileSync, renameSync, statSync } from 'node:fs'
import type { Clock } from '@ezone/sdk/model'
import type { AgentEvent, NewEvent } from './events.ts'

const bytesMax = 8 * 1024 * 1024

/** The event log of a testbed: appended line by line, kept to two files of limited size, and heard by subscribers. */
export class Journal {
  readonly #path: string
  readonly #clock: Clock
  readonly #listeners = new Set<(event: AgentEvent) => void>()

  constructor(path: string, clock: Clock) {
    this.#path = path
    this.#clock = clock
  }

  /**
   * Written at once and synchronously: an event that was told to somebody is on disk, also after kill -9. A disk that is
   * full or a folder that is gone must not end whoever tells: the event is then only heard.
   */
  readonly tell = (event: NewEvent): void => {
    const stamped = { at: new Date(this.#clock.nowMs()).toISOString(), ...event } as AgentEvent
    try {
      this.#rotate()
      appendFileSync(this.#path, `${JSON.stringify(stamped)}\n`, { mode: 0o600 })
    } catch (error) {
      process.stderr.write(`the event log cannot be written: ${(error as Error).message}\n`)
    }
    for (const listener of this.#listeners) listener(stamped)
  }

  subscribe(listener: (event: AgentEvent) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  #rotate(): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
    if (size > bytesMax) renameSync(this.#path, `${this.#path}.1`)
  }
}
