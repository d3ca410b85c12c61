import { setTimeout as sleep } from 'node:timers/promises'
import {
  EzoneError,
  type Order,
  type OrderMove,
  type Point,
  type PositionFate,
  positionAnswerSchema,
} from '@ezone/sdk/model'
import type { Random } from '../demand/random.ts'
import { seeded } from '../demand/random.ts'
import type { RoutedOrder, RouterClient } from '../orders/router-client.ts'
import type { PlannedOrder } from './day.ts'
import { patiently } from './patience.ts'
import { beside, onTheWay, rideMin } from './ride.ts'
import type { SimTime } from './sim-time.ts'
import type { Shop, World } from './world.ts'

/** As long as an order may go unpaid: simulated, and at the least by the wall clock, as paying takes real time. */
const payWithinMin = 15
const payWithinSMin = 30
/** How long a shop waits for a rider before it gives up: simulated, and at the least by the wall clock. */
const riderPatienceMin = 60
const riderPatienceMsMin = 30_000
const lookMs = 500
/** A rider says where it is this often: simulated, and at the most by the wall clock. */
const reportMin = 0.25
const reportMsMin = 1_000
/** So many reports are followed by a wrong one, as they are in a street between high houses. */
const wrongShare = 0.05

/** What a life of an order needs and counts. */
export interface LifeOptions {
  readonly router: RouterClient
  readonly time: SimTime
  readonly speed: number
  readonly world: World
  readonly run: string
  readonly seed: number
  readonly signal: AbortSignal
  readonly onPlaced: (routed: RoutedOrder) => void
  readonly onReport: (fate: PositionFate | 'failed') => void
}

/** Lives one planned order from its placing to its end, as its customer, its shop and its rider. */
export class OrderLife {
  readonly #options: LifeOptions
  readonly #order: PlannedOrder
  readonly #random: Random
  #orderId = ''

  constructor(order: PlannedOrder, options: LifeOptions) {
    this.#order = order
    this.#options = options
    this.#random = seeded(options.seed + order.number + 1)
  }

  /** Resolves when it has ended, as far as this life could tell. @throws what the platform would not do */
  async live(): Promise<void> {
    const { time, signal } = this.#options
    const { fate, payMin, acceptMin, cookMin } = this.#order
    const shop = this.#shop()
    await this.#place(shop)
    if (fate === 'neverPaid') return this.#awaitEnd()
    await time.pass(payMin, signal)
    await this.#advance({ to: 'paid' })
    if (fate === 'cancelledByUser') return this.#advance({ to: 'cancelled' }).then(() => undefined)
    await time.pass(acceptMin, signal)
    await this.#advance({ to: 'accepted' })
    const cookedAtMin = time.elapsedMin() + cookMin
    if (fate === 'cancelledByShop') {
      await time.pass(cookMin / 2, signal)
      return this.#advance({ to: 'cancelled' }).then(() => undefined)
    }
    const riderId = await this.#awaitRider()
    if (riderId !== null) await this.#bring(riderId, shop, cookedAtMin)
  }

  #shop(): Shop {
    const shops = this.#options.world.shops.get(this.#order.cell.cell) ?? []
    const shop = shops[this.#order.shop % shops.length]
    if (shop === undefined) throw new TypeError(`${this.#order.cell.city} has no shop`)
    return shop
  }

  async #place({ merchantId }: Shop): Promise<void> {
    const { router, speed, signal, run } = this.#options
    const payWithinS = Math.max(payWithinSMin, Math.round((payWithinMin * 60) / speed))
    const order = { shopId: merchantId, amountFen: this.#order.amountFen, payWithinS }
    const requestKey = `${run}-${this.#order.number}`
    const routed = await patiently(() => router.place({ tag: `shop=${merchantId}`, order, requestKey, signal }), signal)
    this.#orderId = routed.order.orderId
    this.#options.onPlaced(routed)
  }

  async #advance(move: OrderMove): Promise<Order> {
    const { router, signal, run } = this.#options
    const requestKey = `${run}-${this.#order.number}-${move.to}`
    const { order } = await patiently(
      () => router.advance({ orderId: this.#orderId, move, requestKey, signal }),
      signal,
    )
    return order
  }

  /** The platform cancels what nobody pays; how long it may take, the simulation bounds. */
  async #awaitEnd(): Promise<void> {
    const { time, signal } = this.#options
    await time.pass(payWithinMin, signal)
    for (;;) {
      const { state } = await this.#look()
      if (state === 'cancelled') return
      await sleep(lookMs, undefined, { signal })
    }
  }

  /** Who brings it; null where nobody was free for so long that the shop gave up. */
  async #awaitRider(): Promise<string | null> {
    const { speed, signal } = this.#options
    const patienceMs = Math.max(riderPatienceMsMin, (riderPatienceMin * 60_000) / speed)
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookMs) {
      const { riderId } = await this.#look()
      if (riderId !== null) return riderId
      await sleep(lookMs, undefined, { signal })
    }
    await this.#advance({ to: 'cancelled' })
    return null
  }

  async #bring(riderId: string, shop: Shop, cookedAtMin: number): Promise<void> {
    const { time, world, signal } = this.#options
    const { northKm, eastKm } = this.#order.customer
    await this.#ride(riderId, world.riders.get(riderId) ?? shop.at, shop.at)
    await time.until(cookedAtMin, signal)
    await this.#advance({ to: 'pickedUp' })
    await this.#ride(riderId, shop.at, beside(shop.at, northKm, eastKm))
    await this.#advance({ to: 'delivered' })
  }

  async #ride(riderId: string, from: Point, to: Point): Promise<void> {
    const { time, world, speed, signal } = this.#options
    const everyMin = Math.max(reportMin, (reportMsMin * speed) / 60_000)
    const [beganMin, takesMin] = [time.elapsedMin(), rideMin(from, to)]
    for (let ridden = 0; ridden < takesMin; ridden = time.elapsedMin() - beganMin) {
      await time.pass(Math.min(everyMin, takesMin - ridden), signal)
      const at = onTheWay(from, to, time.elapsedMin() - beganMin)
      world.riders.set(riderId, at)
      await this.#report(riderId, at, time.nowMs())
      if (this.#random() < wrongShare) await this.#reportWrongly(riderId, at)
    }
  }

  /** Half of them a degree off, half of them late: neither must ever move the rider. */
  async #reportWrongly(riderId: string, at: Point): Promise<void> {
    const nowMs = this.#options.time.nowMs()
    if (this.#random() < 0.5) await this.#report(riderId, { lat: at.lat + 1, lng: at.lng }, nowMs)
    else await this.#report(riderId, at, nowMs - 3_600_000)
  }

  /** A position that does not arrive is followed by the next: it is not sent again. */
  async #report(riderId: string, { lat, lng }: Point, atMs: number): Promise<void> {
    const { router, signal, onReport } = this.#options
    const path = `/riders/${riderId}/position`
    try {
      const { body } = await router.send({ method: 'POST', path, body: { lat, lng, atMs }, signal })
      onReport(positionAnswerSchema.parse(body).fate)
    } catch (error) {
      if (!EzoneError.is(error)) throw error
      onReport('failed')
    }
  }

  async #look(): Promise<Order> {
    const { router, signal } = this.#options
    return (await patiently(() => router.show(this.#orderId, signal), signal)).order
  }
}
