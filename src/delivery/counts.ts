import type { ServiceContext } from '@ezone/sdk'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { OrderEvents } from './events/order-events.ts'
import type { UnpaidJob } from './jobs/unpaid.ts'
import type { Menus } from './merchants/menus.ts'
import type { Positions } from './riders/positions.ts'

type Counted = Readonly<Record<string, number>>

/** Has GET /metrics tell what the parts of the service count, read when it is asked for. */
export function countIn(
  { metrics }: Pick<ServiceContext, 'metrics'>,
  parts: {
    readonly dispatcher: Pick<Dispatcher, 'counts'>
    readonly unpaid: Pick<UnpaidJob, 'counts'>
    readonly positions: Pick<Positions, 'counts'>
    readonly menus: Pick<Menus, 'counts'>
    readonly events: Pick<OrderEvents, 'counts'>
  },
): void {
  const told = [
    metricOf('dispatch', 'Orders that dispatch has assigned, or that somebody else was first with.', parts.dispatcher),
    metricOf(
      'unpaid',
      'Orders not paid in time that were cancelled, or that somebody else was first with.',
      parts.unpaid,
    ),
    metricOf('positions', 'Positions of riders by what became of them.', parts.positions),
    metricOf('menus', 'Menus read, by where they came from.', parts.menus),
    metricOf('events', 'Order events that Kafka has taken, or that were dropped as it took none.', parts.events),
  ]
  const before = new Map<string, number>()
  const counters = told.map(({ name, help }) => metrics.counter(`ezone_orders_${name}_total`, help))
  metrics.beforeRead(() => {
    for (const [index, { name, part }] of told.entries())
      for (const [outcome, count] of Object.entries(part.counts)) {
        const key = `${name} ${outcome}`
        counters[index]?.add({ outcome }, count - (before.get(key) ?? 0))
        before.set(key, count)
      }
  })
}

const metricOf = (name: string, help: string, part: { readonly counts: Counted }) => ({ name, help, part })
