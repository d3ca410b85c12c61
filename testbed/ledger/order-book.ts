import { isFinal, type OrderState } from '@ezone/sdk/model'
import type { Fate } from './plan-operations.ts'

export interface Step {
  readonly key: string
  readonly to: OrderState
}

/** An order as its clients know it. */
export interface TrackedOrder {
  readonly orderId: string
  readonly fate: Fate
  state: OrderState
  /** Not to be touched before. */
  dueMs: number
  /** A step that was sent and of which nothing is known: it is sent again, as it was. */
  pending: Step | null
  /** It is not in the state its clients thought: nobody does anything before somebody has looked. */
  doubtful: boolean
  /** How often the platform did not know it, or nobody answered. */
  missed: number
  acceptedAtMs: number
}

/** A person waits so long before the next step, and after trouble before trying again. */
const stepMs = 200
const againMs = 1_000
/** So often an order may be unknown to the platform before its clients give it up until the run is brought to its end. */
const missedMax = 5
/** A shop that gets no rider for so long gives up. */
const riderPatienceMs = 20_000
/** Looked at for one that is due, from the oldest on. */
const lookedAtMax = 64
const trackedMax = 20_000
const knownMax = 4_096

/** What the clients of one seat know of the orders they placed, and what each of these needs next. */
export class OrderBook {
  #ready: TrackedOrder[] = []
  #awaiting: TrackedOrder[] = []
  readonly #givenUp: TrackedOrder[] = []
  readonly #known: string[] = []
  #ending = false

  placed(orderId: string, fate: Fate, nowMs: number): void {
    this.#known.push(orderId)
    if (this.#known.length > knownMax) this.#known.shift()
    if (this.open >= trackedMax) return
    const track = { orderId, fate, dueMs: nowMs + stepMs, pending: null, doubtful: false, missed: 0, acceptedAtMs: 0 }
    this.#ready.push({ ...track, state: 'created' })
  }

  /** Orders that have not ended, as far as is known; without those that are being asked about right now. */
  get open(): number {
    return this.#ready.length + this.#awaiting.length
  }

  /** One that can go on; it belongs to the caller until `stepped`. */
  takeReady(nowMs: number): TrackedOrder | undefined {
    return takeDue(this.#ready, nowMs)
  }

  /** One that waits for somebody else, to be looked at; it belongs to the caller until `seen`. */
  takeAwaiting(nowMs: number): TrackedOrder | undefined {
    return takeDue(this.#awaiting, nowMs)
  }

  /** Any that was placed lately. */
  pick = (chosen: number): string | undefined => this.#known[Math.floor(chosen * this.#known.length)]

  /** From now on every order is to end as soon as it can; those that were lost with a zone may be back. */
  end(): void {
    this.#ending = true
    const all = [...this.#ready.splice(0), ...this.#awaiting.splice(0), ...this.#givenUp.splice(0)]
    for (const track of all) {
      track.dueMs = 0
      track.missed = 0
      this.#put(track, 0)
    }
  }

  /** What its clients do next; null where it waits for dispatch. */
  next = (track: TrackedOrder, nowMs: number): OrderState | null => nextState(track, nowMs, this.#ending)

  /** What became of a step towards `to`, or of a look. Null where nothing was answered. */
  learned(track: TrackedOrder, state: OrderState | null, nowMs: number): void {
    if (state === null) {
      this.retry(track, nowMs)
      return
    }
    track.pending = null
    track.doubtful = false
    track.missed = 0
    if (track.state !== state && state === 'accepted') track.acceptedAtMs = nowMs
    track.state = state
    track.dueMs = nowMs + stepMs
    if (isFinal(state)) return
    this.#put(track, nowMs)
  }

  /** A step was refused that should have been legal: somebody else has moved it on. */
  lookAgain(track: TrackedOrder, nowMs: number): void {
    track.doubtful = true
    this.retry(track, nowMs)
  }

  /** Not now. @param pending the step that is to be sent again, as it may have been done */
  retry(track: TrackedOrder, nowMs: number, pending: Step | null = null): void {
    track.pending = pending
    track.dueMs = nowMs + againMs
    this.#put(track, nowMs)
  }

  /** The platform does not know it. */
  unknown(track: TrackedOrder, nowMs: number): void {
    if (++track.missed < missedMax) this.retry(track, nowMs, track.pending)
    else if (!this.#ending && this.#givenUp.length < trackedMax) this.#givenUp.push(track)
  }

  #put(track: TrackedOrder, nowMs: number): void {
    if (track.doubtful || (track.pending === null && this.next(track, nowMs) === null)) this.#awaiting.push(track)
    else this.#ready.push(track)
  }
}

function nextState({ fate, state, acceptedAtMs }: TrackedOrder, nowMs: number, ending: boolean): OrderState | null {
  if (state === 'pickedUp') return 'delivered'
  if (ending) return 'cancelled'
  if (state === 'created') return fate === 'abandoned' ? 'cancelled' : 'paid'
  if (state === 'paid') return fate === 'delivered' ? 'accepted' : 'cancelled'
  if (state === 'accepted') return nowMs - acceptedAtMs > riderPatienceMs ? 'cancelled' : null
  return 'pickedUp'
}

function takeDue(tracks: TrackedOrder[], nowMs: number): TrackedOrder | undefined {
  const at = tracks.slice(0, lookedAtMax).findIndex(({ dueMs }) => dueMs <= nowMs)
  return at === -1 ? undefined : tracks.splice(at, 1)[0]
}
