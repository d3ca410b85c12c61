import { setImmediate as settled } from 'node:timers/promises'
import { type Random, seeded } from '../../testbed/demand/random.ts'

interface Event {
  readonly atMs: number
  readonly order: number
  readonly happen: () => void
}

/** A world in which so much happens goes in circles; sound ones of two hundred seeds had at most 24,430 steps. */
const stepsMax = 250_000

/**
 * Time and chance of one simulated world. Time passes from event to event; whatever waits, waits here, so that the same
 * seed is the same story to the last step.
 */
export class World {
  readonly seed: number
  nowMs = 0
  #order = 0
  #steps = 0
  readonly #heap: Event[] = []

  constructor(seed: number) {
    this.seed = seed
  }

  /** A source of chance of its own for whoever is named, so that one more draw by another changes nothing here. */
  chance(name: string): Random {
    let hash = this.seed | 0
    for (const char of name) hash = (Math.imul(hash ^ char.charCodeAt(0), 0x01000193) ^ (hash >>> 15)) | 0
    return seeded(hash)
  }

  at(atMs: number, happen: () => void): void {
    const heap = this.#heap
    const event = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, happen }
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(event, heap[parent])) break
      heap[at] = heap[parent] as Event
      at = parent
    }
    heap[at] = event
  }

  /** Lets time pass until `done` or the end of all waiting; false where `untilMs` or the last step came first. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<boolean> {
    for (let event = this.#heap[0]; event !== undefined && event.atMs <= untilMs; event = this.#heap[0]) {
      if (++this.#steps > stepsMax) break
      this.#pop()
      this.nowMs = event.atMs
      event.happen()
      // Whoever was waiting goes on now, up to where it waits again.
      await settled()
      if (done()) return true
    }
    this.nowMs = Math.max(this.nowMs, untilMs)
    return done()
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child])) child++
      if (!before(heap[child] as Event, last)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = last
  }
}

const before = (a: Event, b: Event | undefined) =>
  b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order))

/** A simulated process. It can be killed at any of its waits, or paused there and go on much later, knowing nothing. */
export class Process {
  readonly name: string
  readonly chance: Random
  readonly #world: World
  #killed = false
  #pausedUntilMs = 0

  constructor(world: World, name: string) {
    this.name = name
    this.#world = world
    this.chance = world.chance(name)
  }

  get alive(): boolean {
    return !this.#killed
  }

  kill(): void {
    this.#killed = true
  }

  pause(untilMs: number): void {
    this.#pausedUntilMs = untilMs
  }

  /** Never returns to a process that was killed meanwhile. @param maxMs waits up to so long, as chance has it */
  wait(minMs: number, maxMs = minMs): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        if (this.#killed) return
        if (this.#pausedUntilMs > this.#world.nowMs) this.#world.at(this.#pausedUntilMs, goOn)
        else resolve()
      }
      this.#world.at(this.#world.nowMs + minMs + this.chance() * (maxMs - minMs), goOn)
    })
  }

  /** Happens in so many of a thousand cases. */
  rarely(perMille: number): boolean {
    return this.chance() * 1000 < perMille
  }
}
