import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address, PlantedBug, RoutingTable } from '@ezone/sdk/model'
import { packageRoot } from '../surroundings/folders.ts'
import { programReady, type RunningProgram, runProgram } from './running-program.ts'
import { ScriptedGzs } from './scripted-gzs.ts'
import { type Fence, ScriptedZone } from './scripted-zone.ts'

const secret = 'a secret of at least thirty-two characters'

export interface RouterGroundOptions {
  readonly edge: number
  readonly bj: number
  readonly sh: number
}

/**
 * Real routers, as programs, between a GZS and two zones whose words the test decides: for what they do while a shard
 * is on its way, to the millisecond, which no real move would wait for.
 */
export class RouterGround implements AsyncDisposable {
  readonly gzs: ScriptedGzs
  readonly zones: Readonly<Record<'bj' | 'sh', ScriptedZone>>
  /** The fence row of shard 31, the same in both zones: replicated without delay. */
  readonly fence: Fence
  readonly #octets: RouterGroundOptions
  readonly #folder: string
  readonly #stack: AsyncDisposableStack
  readonly #routers = new Map<number, RunningProgram>()

  private constructor(
    octets: RouterGroundOptions,
    folder: string,
    stack: AsyncDisposableStack,
    parts: Pick<RouterGround, 'gzs' | 'zones' | 'fence'>,
  ) {
    this.#octets = octets
    this.#folder = folder
    this.#stack = stack
    this.gzs = parts.gzs
    this.zones = parts.zones
    this.fence = parts.fence
  }

  static async make(octets: RouterGroundOptions): Promise<RouterGround> {
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'ezone-router-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const fence: Fence = { shard: 31, zone: 'sh', state: 'ACTIVE', epoch: 1 }
    const gzs = stack.use(await ScriptedGzs.start(at(octets.edge, 7100), table))
    const zone = async (name: 'bj' | 'sh') =>
      stack.use(await ScriptedZone.start(at(octets[name], 7300), name, secret, fence))
    const zones = { bj: await zone('bj'), sh: await zone('sh') }
    return new RouterGround(octets, folder, stack.move(), { gzs, zones, fence })
  }

  /** Starts a router and waits until it can serve. */
  async router(instance = 1, sabotage: readonly PlantedBug[] = []): Promise<RunningProgram> {
    const stateDir = join(this.#folder, `router-${instance}`)
    await mkdir(stateDir, { recursive: true })
    const address = { host: `127.${this.#octets.edge}.0.${20 + instance}`, port: 8080 }
    const configFile = join(stateDir, 'config.json')
    await writeFile(configFile, JSON.stringify({ ...this.#config(instance, address, stateDir), sabotage }))
    const program = runProgram({ entry: join(packageRoot, 'src/router/main.ts'), configFile, address, env: {} })
    this.#routers.set(instance, program)
    await programReady(program)
    return program
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#routers.values()].map((program) => program.kill()))
    await this.#stack.disposeAsync()
  }

  #config(instance: number, listen: Address, stateDir: string) {
    const { edge, bj, sh } = this.#octets
    return {
      service: 'router',
      testbed: 'test',
      place: 'edge',
      zone: null,
      zoneNumber: null,
      instance,
      writer: 0,
      listen,
      secret,
      stores: {},
      peers: {
        gzs: [{ ...at(edge, 7100), place: 'edge', zone: null }],
        orders: [
          { ...at(bj, 7300), place: 'bj', zone: 'bj' },
          { ...at(sh, 7300), place: 'sh', zone: 'sh' },
        ],
      },
      shards: {},
      dataDir: join(packageRoot, 'data'),
      stateDir,
    }
  }
}

const at = (octet: number, port: number): Address => ({ host: `127.${octet}.0.1`, port })

/** Two shards of the 31, with the cells of their capitals. */
const table: RoutingTable = {
  version: 1,
  shards: [
    { shard: 11, name: 'Beijing', zone: 'bj', state: 'ACTIVE', epoch: 1 },
    { shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 1 },
  ],
  cells: [
    [1, 31],
    [2, 11],
  ],
}
