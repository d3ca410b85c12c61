import { EzoneError } from '@ezone/sdk/errors'
import { type Cell, type Division, orderMoveSchema, pointText } from '@ezone/sdk/model'
import { demand } from '../demand/demand.ts'
import { seeded, weighted } from '../demand/random.ts'
import type { EdgeClient, EdgeRequest } from './edge-client.ts'
import type { Operation, Reply } from './records.ts'

/** What clients do, and how often: shares of a whole, whatever they add up to. */
export const mixKinds = ['place', 'show', 'pay'] as const
export type MixKind = (typeof mixKinds)[number]
export type Mix = Readonly<Record<MixKind, number>>

/** `place=70,show=30` -> shares; what is not named does not happen. @throws EZ_USAGE */
export function parseMix(text: string): Mix {
  const shares = { place: 0, show: 0, pay: 0 }
  for (const part of text.split(',')) {
    const [, kind, share] = /^(\w+)=(\d{1,6})$/.exec(part.trim()) ?? []
    if (!isKind(kind)) throw wrong(`${JSON.stringify(part)} is not a part of a mix such as place=70,show=20,pay=10`)
    shares[kind] = Number(share)
  }
  if (shares.place === 0) throw wrong('a mix without place= has nothing to show or pay')
  return shares
}

const isKind = (text: string | undefined): text is MixKind => mixKinds.some((kind) => kind === text)
const wrong = (message: string) => new EzoneError('EZ_USAGE', message)

/** Orders that may be shown or paid: the newest, so that a long run does not grow. */
const rememberedMax = 4_096

export interface OrderMixOptions {
  readonly client: Pick<EdgeClient, 'send'>
  readonly cells: readonly Cell[]
  readonly divisions: readonly Division[]
  readonly mix: Mix
  readonly seed: number
  /** Makes the request keys of two runs with the same seed different. */
  readonly run: string
}

/**
 * Orders as the country places them, shows and pays of orders that were acknowledged before. The same seed draws the same
 * kinds and places; which order is shown or paid depends on what was acknowledged by then.
 */
export function orderMix({ client, cells, divisions, mix, seed, run }: OrderMixOptions): (index: number) => Operation {
  const random = seeded(seed)
  const draw = demand(divisions, cells)
  const kindOf = weighted(mixKinds, (kind) => mix[kind])
  const known = new Newest(rememberedMax)
  const unpaid = new Newest(rememberedMax)

  const place = (index: number): Operation => {
    const { cell, amountFen } = draw(random)
    const requestKey = `${run}-${index}`
    const request = { method: 'POST', path: '/orders', tag: `geo=${pointText(cell.point)}`, requestKey } as const
    return operation('place', { ...request, body: { amountFen } }, (reply) => {
      if (reply.outcome !== 'ok' || reply.orderId === null) return
      known.add(reply.orderId)
      unpaid.add(reply.orderId)
    })
  }
  const operation = (kind: MixKind, request: EdgeRequest, onReply: (reply: Reply) => void = () => {}): Operation => ({
    kind,
    requestKey: request.requestKey ?? null,
    async send(signal) {
      const reply = await client.send(request, signal)
      onReply(reply)
      return reply
    },
  })

  return (index) => {
    const kind = kindOf(random)
    const chosen = random()
    if (kind === 'show') {
      const orderId = known.pick(chosen)
      if (orderId !== undefined) return operation('show', { method: 'GET', path: `/orders/${orderId}` })
    }
    if (kind === 'pay') {
      const orderId = unpaid.take()
      const requestKey = `${run}-${index}`
      if (orderId !== undefined)
        return operation('pay', { method: 'POST', path: `/orders/${orderId}/advance`, requestKey, body: pay })
    }
    return place(index)
  }
}

const pay = orderMoveSchema.parse({ to: 'paid' })

/** The last so many of what was added. */
class Newest {
  readonly #max: number
  readonly #items: string[] = []

  constructor(max: number) {
    this.#max = max
  }

  add(item: string): void {
    this.#items.push(item)
    if (this.#items.length > this.#max) this.#items.shift()
  }

  pick = (share: number): string | undefined => this.#items[Math.floor(share * this.#items.length)]
  take = (): string | undefined => this.#items.shift()
}
