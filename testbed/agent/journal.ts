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

  /** Written at once and synchronously: an event that was told to somebody is on disk, also after kill -9. */
  readonly tell = (event: NewEvent): void => {
    const stamped = { at: new Date(this.#clock.nowMs()).toISOString(), ...event } as AgentEvent
    this.#rotate()
    appendFileSync(this.#path, `${JSON.stringify(stamped)}\n`, { mode: 0o600 })
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
