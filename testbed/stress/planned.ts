/*
 * What both engines share: k6 runs this file as it stands, so it imports nothing.
 */

export type MixKind = 'place' | 'show' | 'pay' | 'position' | 'menu' | 'user'

/** What changes nothing. */
export const readKinds: readonly MixKind[] = ['show', 'menu', 'user']

/** A request as far as it can be said before the run. */
export interface PlannedRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** As in `x-ezone-tag`; an id in the path does without. */
  readonly tag?: string
  readonly body?: Readonly<Record<string, unknown>>
}

/** What one operation is to be, as far as chance decides. Which order it is about depends on what was acknowledged by then. */
export interface PlannedOperation {
  readonly kind: MixKind
  /** 0 up to 1: which of the orders known by then is shown. */
  readonly chosen: number
  /** Where no order is known yet: of `show` one that was placed before the run, of `pay` one that is placed now. */
  readonly request: PlannedRequest
}

/** An operation that can be sent. */
export interface AskedOperation extends PlannedRequest {
  readonly kind: MixKind
  /** Makes a write safe to repeat; null for what need not be. */
  readonly key: string | null
}

/** What a client knows of orders that were acknowledged to it. */
export interface OrderMemory {
  readonly known: Newest
  readonly unpaid: Newest
}

/** Orders that may be shown or paid: the newest, so that a long run does not grow. */
const rememberedMax = 4_096

/** The last so many of what was added. */
export class Newest {
  readonly #max: number
  readonly #items: string[] = []

  constructor(max: number = rememberedMax) {
    this.#max = max
  }

  add(item: string): void {
    this.#items.push(item)
    if (this.#items.length > this.#max) this.#items.shift()
  }

  readonly pick = (share: number): string | undefined => this.#items[Math.floor(share * this.#items.length)]
  readonly take = (): string | undefined => this.#items.shift()
}

export interface Asking {
  /** Number of the operation in its run. */
  readonly index: number
  /** Makes the keys of two runs of the same plan different. */
  readonly run: string
  readonly memory: OrderMemory
  readonly nowMs: number
}

/** What is sent for a planned operation now. Where it pays and its client knows no order, one is placed. */
export function askFor(planned: PlannedOperation, { index, run, memory, nowMs }: Asking): AskedOperation {
  const { kind, chosen, request } = planned
  const key = `${run}-${index}`
  if (kind === 'show') {
    const orderId = memory.known.pick(chosen)
    if (orderId !== undefined) return { kind, key: null, method: 'GET', path: `/orders/${orderId}` }
  }
  if (kind === 'pay') {
    const orderId = memory.unpaid.take()
    if (orderId !== undefined)
      return { kind, key, method: 'POST', path: `/orders/${orderId}/advance`, body: { to: 'paid' } }
  }
  if (kind === 'show' && request.method === 'GET') return { ...request, kind, key: null }
  if (kind === 'position') return { ...request, kind, key: null, body: { ...request.body, atMs: nowMs } }
  if (kind === 'menu' || kind === 'user') return { ...request, kind, key: null }
  return { ...request, kind: 'place', key }
}

/** An order that was placed may be shown and paid from now on. */
export function remember({ known, unpaid }: OrderMemory, orderId: string): void {
  known.add(orderId)
  unpaid.add(orderId)
}
