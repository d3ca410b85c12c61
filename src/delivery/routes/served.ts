import type { Answer, Clock, ServiceContext } from '@ezone/sdk'
import type { Done, ZoneDatabase } from '@ezone/sdk/dal'
import type { LeasedIds } from '@ezone/sdk/zookeeper'
import type { Menus } from '../merchants/menus.ts'
import type { Orders } from '../orders/orders.ts'
import type { Positions } from '../riders/positions.ts'
import type { Users } from '../users/users.ts'

/** What the routes of the service stand on. */
export interface Served {
  readonly context: ServiceContext
  readonly zone: string
  readonly ids: Pick<LeasedIds, 'next'>
  readonly db: ZoneDatabase
  readonly orders: Orders
  readonly positions: Positions
  readonly menus: Menus
  readonly users: Users
  readonly clock: Clock
}

/** 201 for what is new, 200 for what the same request key made before. */
export const created = ({ body, repeated }: Done<unknown>): Answer => ({ status: repeated ? 200 : 201, body })
