import type { NamedCheck } from './define.ts'
import { epochsInTime } from './epochs-in-time.ts'
import { lagHonest } from './lag-honest.ts'
import { lastWriterRespected } from './last-writer-respected.ts'
import { noAcknowledgedOrderLost } from './no-acknowledged-order-lost.ts'
import { nothingAppliedTwice } from './nothing-applied-twice.ts'
import { oneOwnerAtATime } from './one-owner-at-a-time.ts'
import { oneRiderPerOrder } from './one-rider-per-order.ts'
import { orderStatesMonotone } from './order-states-monotone.ts'
import { ordersTerminal } from './orders-terminal.ts'
import { registrationLinearizable } from './registration-linearizable.ts'
import { storesConverged } from './stores-converged.ts'
import { uniqueIds } from './unique-ids.ts'

/** Everything that can be claimed of a run, in the order in which reports show it. Names are a contract. */
export const checks: readonly NamedCheck[] = [
  noAcknowledgedOrderLost,
  uniqueIds,
  orderStatesMonotone,
  oneOwnerAtATime,
  storesConverged,
  lastWriterRespected,
  registrationLinearizable,
  nothingAppliedTwice,
  oneRiderPerOrder,
  lagHonest,
  epochsInTime,
  ordersTerminal,
]
