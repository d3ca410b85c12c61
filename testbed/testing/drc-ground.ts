import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { multiActive } from '@ezone/sdk/dal'
import { type DrcConflict, type DrcRole, drcConflictsSchema, drcStatusSchema } from '@ezone/sdk/model'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { ownNumber } from '../drc/own-number.ts'
import { PlatformGround, type PlatformOptions } from './platform-ground.ts'

type Row = Record<string, unknown>

interface TableOptions {
  readonly key?: readonly string[]
  readonly zones?: readonly string[]
}

/** Zones whose MySQLs are replicated both ways, and a client that writes to each of them directly. */
export class DrcGround implements AsyncDisposable {
  readonly platform: PlatformGround
  readonly #connections = new Map<string, Promise<Connection>>()

  private constructor(platform: PlatformGround) {
    this.platform = platform
  }

  /** Stores alone, of all zones or of some; the services are started with `start`. */
  static async make(
    octets: Readonly<Record<string, number>>,
    { only, ...options }: PlatformOptions & { readonly only?: readonly string[] } = {},
  ): Promise<DrcGround> {
    const ground = new DrcGround(await PlatformGround.make(octets, options))
    await ground.platform.startStores(
      ...(only ?? ground.zones).flatMap((zone) => ['mysql', 'kafka', 'zookeeper'].map((store) => `${zone}/${store}`)),
    )
    return ground
  }

  get zones(): readonly string[] {
    return this.platform.zones
  }

  /** One instance of DRC in every zone, or the given one. */
  async start(instance = 1, zones = this.zones): Promise<void> {
    await Promise.all(zones.map((zone) => this.platform.start(zone, 'drc', { instance })))
  }

  /** A statement of a client of this zone, as root. */
  async run(zone: string, sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const connection = await this.connection(zone)
    const [rows] = await connection.query<RowDataPacket[]>(sql, [...values])
    return rows
  }

  async everywhere(statements: readonly string[], zones = this.zones): Promise<void> {
    await Promise.all(
      zones.map(async (zone) => {
        for (const statement of statements) await this.run(zone, statement)
      }),
    )
  }

  /** A multi-active table in every zone. Columns without the version. */
  async table(name: string, columns: string, { key = ['id'], zones = this.zones }: TableOptions = {}): Promise<void> {
    const [schema = ''] = name.split('.')
    const statements = [
      `CREATE DATABASE IF NOT EXISTS ${schema}`,
      `CREATE TABLE ${name} (${columns}, PRIMARY KEY (${key.join(', ')}))`,
      ...multiActive(name, key),
    ]
    await this.everywhere(statements, zones)
  }

  connection(zone: string): Promise<Connection> {
    const known = this.#connections.get(zone)
    if (known) return known
    const opened = this.open(zone)
    this.#connections.set(zone, opened)
    return opened
  }

  /** A connection of its own: for transactions, and for load. */
  open(zone: string): Promise<Connection> {
    const door = this.platform.mysql(zone).ports[0]?.host
    return createConnection({
      ...door,
      ...this.platform.ground.credentials.mysql.root,
      dateStrings: true,
      timezone: 'Z',
      supportBigNumbers: true,
      bigNumberStrings: true,
      jsonStrings: true,
    })
  }

  /** After a restart of its server. */
  forget(zone: string): void {
    void this.#connections.get(zone)?.then((connection) => connection.destroy())
    this.#connections.delete(zone)
  }

  /** Everything committed in any zone until now has been applied in every other one. */
  async caughtUp(withinMs = 20_000): Promise<void> {
    const wanted = new Map<string, number>()
    for (const zone of this.zones) wanted.set(zone, await this.ownNumber(zone))
    const until = systemClock.monotonicMs() + withinMs
    for (const target of this.zones)
      for (const [source, number] of wanted) {
        if (source === target) continue
        while ((await this.position(target, source)) < number) {
          if (systemClock.monotonicMs() > until) throw new Error(await this.#why(target, source, number))
          await sleep(20)
        }
      }
  }

  /** Number of the last transaction that was made in this zone itself. */
  async ownNumber(zone: string): Promise<number> {
    const [row] = await this.run(zone, 'SELECT @@GLOBAL.gtid_executed AS gtids, @@server_uuid AS uuid')
    return ownNumber(String(row?.gtids), String(row?.uuid))
  }

  async position(target: string, source: string): Promise<number> {
    const [row] = await this.run(target, 'SELECT MAX(gno) AS gno FROM ezone_drc.position WHERE source = ?', [source])
    return Number(row?.gno ?? 0)
  }

  /** Transactions of all kinds in this zone's binlog. */
  async binlogged(zone: string): Promise<number> {
    const [row] = await this.run(zone, 'SELECT @@GLOBAL.gtid_executed AS gtids')
    const intervals = String(row?.gtids).replace(/\s/g, '').split(/[,:]/)
    return intervals.reduce((sum, interval) => {
      const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(interval) ?? []
      return first === undefined ? sum : sum + Number(last ?? first) - Number(first) + 1
    }, 0)
  }

  /** What the instance that plays a role says of it. */
  async role(zone: string, role: DrcRole['role'], source: string): Promise<DrcRole | null> {
    for (const instance of [1, 2]) {
      const { host, port } = this.platform.addressOf(zone, 'drc', instance)
      const answer = await fetch(`http://${host}:${port}/status`, { signal: AbortSignal.timeout(2_000) }).catch(
        () => null,
      )
      if (answer === null) continue
      const { roles } = drcStatusSchema.parse(await answer.json())
      const found = roles.find((r) => r.role === role && r.source === source)
      if (found && found.state !== 'standby') return found
    }
    return null
  }

  /** What an instance counts, as Prometheus reads it. */
  async metrics(zone: string, instance = 1): Promise<string> {
    const { host, port } = this.platform.addressOf(zone, 'drc', instance)
    return (await fetch(`http://${host}:${port}/metrics`)).text()
  }

  async conflicts(zone: string): Promise<readonly DrcConflict[]> {
    const { host, port } = this.platform.addressOf(zone, 'drc')
    const answer = await fetch(`http://${host}:${port}/conflicts?limit=1000`)
    return drcConflictsSchema.parse(await answer.json()).conflicts
  }

  /** Every row of a table, its version included, in each zone. */
  async contents(table: string, order = 'id'): Promise<ReadonlyMap<string, readonly Row[]>> {
    const rows = await Promise.all(
      this.zones.map((zone) => this.run(zone, `SELECT *, drc_ver FROM ${table} ORDER BY ${order}`)),
    )
    return new Map(this.zones.map((zone, index) => [zone, rows[index] ?? []]))
  }

  async #why(target: string, source: string, number: number): Promise<string> {
    const roles = [await this.role(source, 'relay', source), await this.role(target, 'applier', source)]
    const at = await this.position(target, source)
    return `${target} has applied ${source} up to ${at}, not ${number}: ${JSON.stringify(roles)}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#connections.values()) (await opened.catch(() => null))?.destroy()
    await this.platform[Symbol.asyncDispose]()
  }
}
