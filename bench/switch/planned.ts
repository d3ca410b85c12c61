import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import type { Cell } from '@ezone/sdk/model'
import { goFirst } from '../../testbed/drills/go-first.ts'
import type { Switched } from '../../testbed/failover/run-switch.ts'
import { readGroundData } from '../../testbed/orders/ground-data.ts'
import { RouterClient } from '../../testbed/orders/router-client.ts'
import { mustBe } from '../../tools/proof.ts'
import type { Whole } from '../../tools/prove/whole.ts'
import { atMost, busy, type Measured, merely } from '../plane/figures.ts'

interface Placed {
  readonly shard: number
  readonly orderId: string
  readonly answeredMs: number
}

/** Places orders in all shards of a zone, in turn, each when it is due, whether or not earlier ones have ended. */
class Orders {
  readonly placed: Placed[] = []
  readonly failed: string[] = []
  readonly #router: RouterClient
  readonly #cells: readonly Cell[]
  readonly #end = new AbortController()

  constructor(router: RouterClient, cells: readonly Cell[]) {
    this.#router = router
    this.#cells = cells
  }

  async run(perSecond: number): Promise<void> {
    const beganMs = systemClock.monotonicMs()
    const underWay = new Set<Promise<void>>()
    for (let n = 0; !this.#end.signal.aborted; n++) {
      const early = beganMs + (n * 1_000) / perSecond - systemClock.monotonicMs()
      if (early > 1) await sleep(early)
      const cell = this.#cells[n % this.#cells.length]
      if (cell === undefined) throw new Error('there is no city')
      const one = this.#place(cell).finally(() => void underWay.delete(one))
      underWay.add(one)
    }
    await Promise.all(underWay)
  }

  end(): void {
    this.#end.abort()
  }

  async #place({ shard, point }: Cell): Promise<void> {
    try {
      const tag = `geo=${point.lat},${point.lng}`
      const { order } = await this.#router.place({ tag, signal: AbortSignal.timeout(20_000) })
      this.placed.push({ shard, orderId: order.orderId, answeredMs: systemClock.monotonicMs() })
    } catch (error) {
      this.failed.push(String(error))
    }
  }
}

/** All shards of sh move to bj under orders, planned, and back: what their clients notice of it. */
export async function plannedSwitch(whole: Whole, { perSecond }: { perSecond: number }): Promise<Measured> {
  const before = busy()
  const { cells } = await readGroundData()
  const table = await whole.run<{ shards: { shard: number; zone: string }[] }>('gzs', 'table')
  const leaving = new Set(table.shards.filter(({ zone }) => zone === 'sh').map(({ shard }) => shard))
  const cities = [...leaving].flatMap((shard) => cells.find((cell) => cell.shard === shard) ?? [])
  const routers = Object.entries(whole.env).flatMap(([name, url]) => (/ROUTER.*_URL$/.test(name) ? [new URL(url)] : []))
  mustBe(routers.length > 0, 'no router has an address')
  const doors = routers.map(({ hostname, port }) => ({ host: hostname, port: Number(port) }))
  await whole.warmUp()
  using _ = goFirst()
  const orders = new Orders(new RouterClient(...doors), cities)
  const running = orders.run(perSecond)
  await sleep(3_000)
  const there = await whole.run<Switched>('failover', 'sh', '--why', 'bench')
  await sleep(2_000)
  const back = await whole.run<Switched>('failover', 'bj', '--shards', [...leaving].join(','), '--why', 'bench')
  await sleep(2_000)
  orders.end()
  await running
  const lost = await missing(whole, orders.placed)
  return {
    figures: [
      atMost(
        'planned switch of sh: longest time without an acknowledged write of a shard',
        gapMs(orders.placed),
        'ms',
        1_000,
      ),
      atMost('client errors', orders.failed.length, '', 0),
      atMost('acknowledged orders that are not in the zone of their shard', lost, '', 0),
      merely('longest time a shard had no owner, there', there.writeGapMs, 'ms'),
      merely('the same, back', back.writeGapMs, 'ms'),
      merely('from the beginning to the last shard served, there', there.rtoMs / 1_000, 's'),
      merely('the same, back', back.rtoMs / 1_000, 's'),
    ],
    load: [before, busy()],
    notes: { perSecond, shards: leaving.size, orders: orders.placed.length, failed: orders.failed.slice(0, 3) },
  }
}

/** The longest time between two answers of one shard. */
function gapMs(placed: readonly Placed[]): number {
  const last = new Map<number, number>()
  let longest = 0
  for (const { shard, answeredMs } of placed) {
    longest = Math.max(longest, answeredMs - (last.get(shard) ?? answeredMs))
    last.set(shard, answeredMs)
  }
  return longest
}

/** All are back in sh, or on their way there for another moment. */
async function missing(whole: Whole, placed: readonly Placed[]): Promise<number> {
  const ids = new Set(placed.map(({ orderId }) => orderId))
  for (let tries = 0; ; tries++) {
    const rows = await whole.rows('sh', 'SELECT order_id FROM delivery.orders')
    const there = new Set(rows.map((row) => String(row.order_id)))
    const lost = [...ids].filter((id) => !there.has(id)).length
    if (lost === 0 || tries === 20) return lost
    await sleep(500)
  }
}
