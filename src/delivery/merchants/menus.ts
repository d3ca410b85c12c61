import { EzoneError, type Menu, menuSchema } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import type { Cache } from '../cache.ts'
import { findMenu } from './merchants.ts'

const ttlS = 60

/** Menus as they are read: from Redis, which has them from the database, and from the database where it has not. */
export class Menus {
  readonly #db: ZoneDatabase
  readonly #cache: Cache
  readonly counts = { fromCache: 0, fromDatabase: 0 }

  constructor(db: ZoneDatabase, cache: Cache) {
    this.#db = db
    this.#cache = cache
  }

  /** Undefined where the zone has no such shop. @throws EZ_STORE_UNREACHABLE of the database alone */
  async of(merchantId: string, signal: AbortSignal): Promise<Menu | undefined> {
    const key = `delivery:menu:${merchantId}`
    const cached = await this.#cache.get(key).catch(orNothing)
    const kept = cached === null ? undefined : menuIn(cached)
    if (kept !== undefined) {
      this.counts.fromCache++
      return kept
    }
    const menu = await findMenu(this.#db, merchantId, signal)
    this.counts.fromDatabase++
    if (menu !== undefined) await this.#cache.set(key, JSON.stringify(menu), ttlS).catch(orNothing)
    return menu
  }
}

/** A cache that is away costs time, never an answer. */
function orNothing(error: unknown): null {
  if (EzoneError.is(error, 'EZ_STORE_UNREACHABLE')) return null
  throw error
}

function menuIn(text: string): Menu | undefined {
  try {
    return menuSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
