import { hasPlanted, type OrderEvent, runRounds, type ServiceContext } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import { countIn } from './counts.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import { giveSecondRiders } from './dispatch/second-rider.ts'
import type { OrderEvents } from './events/order-events.ts'
import { UnpaidJob } from './jobs/unpaid.ts'
import type { Menus } from './merchants/menus.ts'
import type { Orders } from './orders/orders.ts'
import type { Positions } from './riders/positions.ts'

const dispatchEveryMs = 1_000
const unpaidEveryMs = 1_000

/** States that are work for dispatch: an order to bring, or a rider that is free again. */
const wakers: ReadonlySet<OrderEvent['state']> = new Set(['accepted', 'delivered', 'cancelled'])

export interface Background {
  /** An order event of the zone, as Kafka has it. */
  readonly onEvent: (text: string) => void
}

/** What the service does by itself, from now until it ends: dispatch, and cancelling what is not paid. */
export function startBackground(options: {
  readonly context: ServiceContext
  readonly db: ZoneDatabase
  readonly orders: Orders
  readonly positions: Positions
  readonly menus: Menus
  readonly events: OrderEvents
  readonly zone: string
}): Background {
  const { context, db, orders, positions, menus, events, zone } = options
  const { clock, config } = context
  const dispatcher = new Dispatcher({ db, orders, positions, clock, zone, dataDir: config.dataDir })
  const unpaid = new UnpaidJob({ db, orders, clock, zone })
  countIn(context, { dispatcher, unpaid, positions, menus, events })
  void runRounds({ name: 'dispatch', everyMs: dispatchEveryMs, round: () => dispatcher.round() }, context)
  if (hasPlanted(config, 'double-dispatch'))
    void runRounds(
      { name: 'the second dispatch', everyMs: dispatchEveryMs, round: () => giveSecondRiders({ db, clock, zone }) },
      context,
    )
  void runRounds({ name: 'the job for unpaid orders', everyMs: unpaidEveryMs, round: () => unpaid.round() }, context)
  return {
    onEvent: (text) => {
      // What cannot be read may be a newer one's: looking once too often does no harm.
      if (wakers.has(stateIn(text) ?? 'accepted')) dispatcher.wake()
    },
  }
}

function stateIn(text: string): OrderEvent['state'] | undefined {
  try {
    return (JSON.parse(text) as OrderEvent).state
  } catch {
    return undefined
  }
}
