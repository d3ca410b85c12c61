import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Address, manifestSchema, type ServiceConfig } from '@ezone/sdk/model'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { childEnv } from '../surroundings/env.ts'
import { packageRoot } from '../surroundings/folders.ts'
import { dealShards, readShardShares } from '../topology/shards.ts'
import { TestGround } from './ground.ts'

const readyMsMax = 20_000
const folders = { gzs: 'gzs', router: 'router', orders: 'delivery' } as const
export type PlatformService = keyof typeof folders

/** A service of ours, running as a program. `end` is SIGTERM and waits; `kill` is SIGKILL. Both tell how it ended. */
export interface RunningProgram {
  readonly address: Address
  readonly url: string
  readonly child: ChildProcess
  readonly configFile: string
  readonly lines: readonly string[]
  end(): Promise<number | string | null>
  kill(): Promise<number | string | null>
}

/**
 * The platform on real MySQLs without links: what the first flow needs and nothing else. Zones and their octets are the
 * test's own; the edge's comes with the name `edge`.
 */
export class PlatformGround implements AsyncDisposable {
  readonly ground: TestGround
  readonly octets: Readonly<Record<string, number>>
  readonly #programs = new Map<string, RunningProgram>()

  private constructor(ground: TestGround, octets: Readonly<Record<string, number>>) {
    this.ground = ground
    this.octets = octets
  }

  static async make(octets: Readonly<Record<string, number>>): Promise<PlatformGround> {
    const zones = Object.keys(octets).filter((place) => place !== 'edge')
    const ground = await TestGround.make({ octets, topology: { zones: zones.map((name) => ({ name })) } })
    return new PlatformGround(ground, octets)
  }

  get zones(): readonly string[] {
    return Object.keys(this.octets).filter((place) => place !== 'edge')
  }

  mysql(zone: string) {
    return this.ground.spec(`${zone}/mysql`, 'mysql')
  }

  /** Everything of the first flow, ready. */
  async startAll(): Promise<void> {
    await Promise.all(this.zones.map((zone) => this.ground.start(this.mysql(zone))))
    await Promise.all([
      this.start('edge', 'gzs'),
      this.start('edge', 'router'),
      ...this.zones.map((zone) => this.start(zone, 'orders')),
    ])
  }

  program(place: string, service: PlatformService): RunningProgram {
    const program = this.#programs.get(`${place}/${service}`)
    if (program === undefined) throw new TypeError(`${place}/${service} was not started`)
    return program
  }

  /** Starts a service and waits until it can serve. */
  async start(place: string, service: PlatformService): Promise<RunningProgram> {
    const program = await this.launch(place, service)
    await untilReady(program)
    return program
  }

  /** Starts a service and waits for nothing. With a state folder of its own it is another one beside the first. */
  async launch(place: string, service: PlatformService, changes: Partial<ServiceConfig> = {}): Promise<RunningProgram> {
    const config = { ...(await this.config(place, service)), ...changes }
    await mkdir(config.stateDir, { recursive: true })
    const configFile = join(config.stateDir, 'config.json')
    await writeFile(configFile, JSON.stringify(config), { mode: 0o600 })
    const manifest = manifestSchema.parse(
      JSON.parse(await readFile(join(packageRoot, 'src', folders[service], 'manifest.json'), 'utf8')),
    )
    const entry = join(packageRoot, 'src', folders[service], `${manifest.entry}.ts`)
    const program = run(entry, configFile, config.listen)
    this.#programs.set(`${place}/${service}${changes.stateDir ?? ''}`, program)
    return program
  }

  async config(place: string, service: PlatformService): Promise<ServiceConfig> {
    const zone = place === 'edge' ? null : place
    const { credentials } = this.ground
    const mysql = zone === null ? undefined : this.mysql(zone).ports[0]?.host
    return {
      service,
      testbed: 'test',
      place,
      zone,
      zoneNumber: zone === null ? null : this.zones.indexOf(zone) + 1,
      writer: 0,
      listen: this.addressOf(place, service),
      secret: credentials.secret,
      stores: mysql ? { mysql: { ...mysql, ...credentials.mysql.app } } : {},
      peers: {
        gzs: [{ ...this.addressOf('edge', 'gzs'), place: 'edge', zone: null }],
        orders: this.zones.map((name) => ({ ...this.addressOf(name, 'orders'), place: name, zone: name })),
      },
      shards: dealShards(await readShardShares(), this.zones),
      dataDir: join(packageRoot, 'data'),
      stateDir: join(this.ground.folder, 'data', place, service),
    }
  }

  addressOf(place: string, service: PlatformService): Address {
    const port = { gzs: 7100, router: 8080, orders: 7300 }[service]
    return { host: `127.${this.octets[place]}.0.${20 + Object.keys(folders).indexOf(service)}`, port }
  }

  /** Asks a zone's MySQL itself, beside the platform. */
  async query(zone: string, sql: string): Promise<readonly RowDataPacket[]> {
    const { root } = this.ground.credentials.mysql
    const door = this.mysql(zone).ports[0]?.host
    const connection = await createConnection({ ...door, ...root, supportBigNumbers: true, bigNumberStrings: true })
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql)
      return rows
    } finally {
      await connection.end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.kill()))
    await this.ground[Symbol.asyncDispose]()
  }
}

function run(entry: string, configFile: string, address: Address): RunningProgram {
  const child = spawn(process.execPath, ['--conditions=ezone-source', entry], {
    env: childEnv({ EZONE_SERVICE_CONFIG: configFile }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trimEnd().split('\n')))
  const send = async (signal: NodeJS.Signals) => {
    const closed = child.exitCode ?? child.signalCode
    if (closed !== null) return closed
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code, by] = (await exit) as [number | null, string | null]
    return code ?? by
  }
  const url = `http://${address.host}:${address.port}`
  return { address, url, child, configFile, lines, end: () => send('SIGTERM'), kill: () => send('SIGKILL') }
}

async function untilReady({ url, child, lines }: RunningProgram): Promise<void> {
  const signal = AbortSignal.timeout(readyMsMax)
  for (;;) {
    const answer = await fetch(`${url}/readyz`, { signal }).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok) return
    if (child.exitCode !== null || signal.aborted)
      throw new Error(`the service at ${url} did not become ready:\n${lines.join('\n')}`)
    await sleep(50)
  }
}
