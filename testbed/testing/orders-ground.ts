import { randomBytes } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { GlobalServer } from '@ezone/sdk/dal'
import { type InternalTag, internalHeader, type ServiceConfig, signTag } from '@ezone/sdk/model'
import { PlatformGround } from './platform-ground.ts'
import type { RunningProgram } from './running-program.ts'

/** An answer of the order service, read whole. */
export interface Answered {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly error?: { readonly code: string; readonly message: string } }
  /** `x-ezone-version`. */
  readonly version: string | null
}

export interface Asked {
  readonly tag?: Partial<InternalTag>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Shanghai, and the cell of its city. */
const home = { shard: 31, cell: 1, epoch: 1, hops: 1 }

/**
 * The order service of some zones on its real stores, asked as a router asks it: with the signed tag, and nothing in
 * between. Fence rows are the test's own, written beside the lease-keeper, which does not run.
 */
export class OrdersGround implements AsyncDisposable {
  readonly platform: PlatformGround
  #instances = 0

  private constructor(platform: PlatformGround) {
    this.platform = platform
  }

  static async make(octets: Readonly<Record<string, number>>): Promise<OrdersGround> {
    const platform = await PlatformGround.make(octets)
    const ground = new OrdersGround(platform)
    const { specs } = platform.ground.blueprint
    await platform.startStores(
      ...specs.flatMap((spec) => (spec.kind === 'service' && spec.service === 'orders' ? platform.storesOf(spec) : [])),
    )
    return ground
  }

  /** Says whose a shard is, in every zone's fence rows. */
  async own(shard: number, zone: string, epoch = 1, state = 'ACTIVE'): Promise<void> {
    const row = `(${shard}, '${zone}', ${epoch}, '${state}', 0, 18446744073709551615)`
    for (const each of this.platform.zones)
      await this.platform.query(
        each,
        `REPLACE INTO ezone.fence (shard, zone, epoch, state, taken_epoch, lease_until_ms) VALUES ${row}`,
      )
  }

  /** Makes the Global Zone's pair what it is when its keepers run: one master that writes, the others follow. */
  async globalMaster(master: string): Promise<void> {
    const at = (zone: string) => {
      const door = this.platform.ground.spec(`${zone}/mysql-global`, 'mysql').ports[0]?.host
      if (door === undefined) throw new TypeError(`${zone} has no part of the Global Zone`)
      return { ...door, ...this.platform.ground.credentials.mysql.fence }
    }
    const others = this.platform.zones.filter((zone) => zone !== master)
    const untilMs = systemClock.nowMs() + 3_600_000
    await using server = GlobalServer.open({ own: at(master), clock: systemClock })
    await server.lead({ covered: false, others: others.length, untilMs })
    for (const zone of others) {
      await using other = GlobalServer.open({ own: at(zone), clock: systemClock })
      await other.follow({ master, at: at(master), keepAside: () => Promise.reject(new Error('it has strays')) })
    }
  }

  async start(zone: string): Promise<RunningProgram> {
    return this.platform.start(zone, 'orders')
  }

  /** One more instance of the service in a zone, beside the first. */
  async startAnother(zone: string, changes: Partial<ServiceConfig> = {}): Promise<RunningProgram> {
    const config = await this.platform.config(zone, 'orders')
    const another = ++this.#instances
    const host = config.listen.host.replace(/\d+$/, String(200 + another))
    return this.platform.start(zone, 'orders', {
      listen: { ...config.listen, host },
      stateDir: `${config.stateDir}-${another}`,
      ...changes,
    })
  }

  /** Asks the service of a zone, or the program given. By default for Shanghai, under epoch 1. */
  async ask(
    where: string | RunningProgram,
    method: 'GET' | 'POST',
    path: string,
    { tag = {}, body, headers = {} }: Asked = {},
  ): Promise<Answered> {
    const program = typeof where === 'string' ? this.platform.program(where, 'orders') : where
    const zone = typeof where === 'string' ? where : (this.platform.zones[0] ?? '')
    const signed = signTag({ ...home, zone, leftMs: 10_000, ...tag }, this.platform.ground.credentials.secret)
    const response = await fetch(`${program.url}${path}`, {
      method,
      headers: { [internalHeader]: signed, ...headers },
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
      signal: AbortSignal.timeout(15_000),
    })
    return {
      status: response.status,
      body: (await response.json()) as Answered['body'],
      version: response.headers.get('x-ezone-version'),
    }
  }

  /** An order of Shanghai that has come to a state. */
  async orderIn(zone: string, states: readonly string[], asked: Asked = {}): Promise<string> {
    const { body } = await this.ask(zone, 'POST', '/orders', asked)
    const orderId = String(body.orderId)
    for (const to of states) {
      const moved = await this.ask(zone, 'POST', `/orders/${orderId}/advance`, { ...asked, body: { to } })
      if (moved.status !== 200) throw new Error(`${orderId} did not become ${to}: ${JSON.stringify(moved.body)}`)
    }
    return orderId
  }

  async riderIn(zone: string, asked: Asked = {}): Promise<string> {
    const rider = { name: `rider ${randomBytes(2).toString('hex')}`, lat: 31.23, lng: 121.47 }
    const { body } = await this.ask(zone, 'POST', '/riders', { ...asked, body: rider })
    return String(body.riderId)
  }

  async state(zone: string, orderId: string, asked: Asked = {}): Promise<unknown> {
    return (await this.ask(zone, 'GET', `/orders/${orderId}`, asked)).body.state
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.platform[Symbol.asyncDispose]()
  }
}
