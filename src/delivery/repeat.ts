import { type Done, type KeyedRequest, type Outcome, once as onceOf, type Tx, type ZoneDatabase } from '@ezone/sdk/dal'
import { tables } from './tables.ts'

/** The keys of the requests of this service. */
const keys = {
  table: tables.requests,
  doneAlready: ['EZ_BAD_TRANSITION', 'EZ_ORDER_LOCKED', 'EZ_RIDER_BUSY'],
  mixedUp: 'EZ_BAD_ORDER',
} as const

/** Does a change once however often its key is repeated. @throws EZ_BAD_ORDER; whatever `work` and the fence refuse */
export const once = <T>(
  db: ZoneDatabase,
  request: KeyedRequest,
  work: (tx: Tx) => Promise<Outcome<T>>,
): Promise<Done<T>> => onceOf(db, keys, request, work)
