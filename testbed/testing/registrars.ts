import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { GlobalDatabase, isDuplicate } from '@ezone/sdk/dal'
import { EzoneError } from '@ezone/sdk/model'
import type { PlatformGround } from './platform-ground.ts'

/** What came of all registrations of one zone. */
export interface Registered {
  /** Phones whose registration was acknowledged; failed for certain; or nobody knows. */
  readonly ok: string[]
  readonly failed: { readonly phone: string; readonly why: string }[]
  readonly unknown: string[]
  longestMs: number
}

const table = 'people.users'

/** Registers phones in both zones through the DAL, one after the other in each, as services of those zones would. */
export class Registrars implements AsyncDisposable {
  readonly #platform: PlatformGround
  readonly #databases: ReadonlyMap<string, GlobalDatabase>
  #number = 0

  private constructor(platform: PlatformGround, databases: ReadonlyMap<string, GlobalDatabase>) {
    this.#platform = platform
    this.#databases = databases
  }

  static async make(platform: PlatformGround): Promise<Registrars> {
    const databases = new Map<string, GlobalDatabase>()
    for (const zone of platform.zones) {
      const { global } = (await platform.config(zone, 'orders')).stores
      if (global === undefined) throw new TypeError('orders is told of no Global Zone')
      databases.set(zone, GlobalDatabase.open({ global, zone, clock: systemClock }))
    }
    const columns = 'user_id BIGINT UNSIGNED PRIMARY KEY, phone VARCHAR(30) NOT NULL, UNIQUE KEY phone (phone)'
    const first = databases.values().next().value
    await first?.migrate('people', [
      ['CREATE DATABASE people CHARACTER SET utf8mb4', `CREATE TABLE ${table} (${columns})`],
    ])
    return new Registrars(platform, databases)
  }

  /** One registration. @throws what the DAL throws */
  async register(zone: string, phone: string): Promise<void> {
    const database = this.#databases.get(zone)
    const id = ++this.#number
    await database?.write((tx) => tx.change(`INSERT INTO ${table} (user_id, phone) VALUES (?, ?)`, [id, phone]))
  }

  /** Goes on in every zone until it is disposed of. */
  start(
    zones: readonly string[] = this.#platform.zones,
  ): AsyncDisposable & { readonly by: Record<string, Registered> } {
    const end = new AbortController()
    const by = Object.fromEntries(zones.map((zone) => [zone, { ok: [], failed: [], unknown: [], longestMs: 0 }]))
    const running = Promise.all(zones.map((zone) => this.#goOn(zone, by[zone] as Registered, end.signal)))
    return {
      by,
      async [Symbol.asyncDispose]() {
        end.abort()
        await running
      },
    }
  }

  /** How often each phone stands in the copy of a zone. */
  async phonesIn(zone: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#platform.query(zone, `SELECT phone FROM ${table}`, 'mysql-global')
    const counts = new Map<string, number>()
    for (const { phone } of rows) counts.set(String(phone), (counts.get(String(phone)) ?? 0) + 1)
    return counts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#databases.values()].map((database) => database[Symbol.asyncDispose]()))
  }

  async #goOn(zone: string, all: Registered, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const phone = `${zone} ${this.#number + 1}`
      const beganMs = systemClock.monotonicMs()
      await this.register(zone, phone).then(
        () => all.ok.push(phone),
        (error: unknown) => {
          // Nobody else has this phone: then it is its own.
          if (EzoneError.is(error, 'EZ_OUTCOME_UNKNOWN') || isDuplicate(error)) all.unknown.push(phone)
          else all.failed.push({ phone, why: EzoneError.is(error) ? error.code : String(error) })
        },
      )
      all.longestMs = Math.max(all.longestMs, systemClock.monotonicMs() - beganMs)
      await sleep(10)
    }
  }
}
