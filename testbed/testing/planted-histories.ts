import { plantedInOrders } from './planted-orders.ts'
import { plantedInStores } from './planted-stores.ts'
import type { Planted } from './planting.ts'

/** Of every claim at least three things that it must find, and nothing else may. */
export const plantedHistories: readonly Planted[] = [...plantedInOrders, ...plantedInStores]
