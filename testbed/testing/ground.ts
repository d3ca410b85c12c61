import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import { ProcessRuntime } from '../runtimes/process/runtime.ts'
import { type ServerKind, serverKinds } from '../servers/home.ts'
import { provide } from '../servers/provide.ts'
import type { StoreContext, Templates } from '../stores/context.ts'
import { type Credentials, makeCredentials } from '../stores/credentials.ts'
import { launchOf, prepareTemplates, type ServerSpec, waitReady } from '../stores/registry.ts'
import { folders } from '../surroundings/folders.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'
import { type ExpandInput, expand } from '../topology/expand.ts'
import { topologySchema } from '../topology/schema.ts'
import { withoutLinks } from './without-links.ts'

export interface GroundOptions {
  /** place name -> second octet of its loopback block; no two tests that may run at once share one. */
  readonly octets: Readonly<Record<string, number>>
  /** As in ezone.yaml; by default the two zones and the edge. */
  readonly topology?: unknown
  /** `damaged`: class-data archives that no JVM accepts. */
  readonly archives?: 'damaged'
  /** Services that stand in the blueprint; a ground starts none of them. */
  readonly manifests?: ExpandInput['manifests']
  /** Which zone serves which shard, from the names of the zones. */
  readonly shardsOf?: (zones: readonly string[]) => Promise<ExpandInput['defaultShards']>
  /** True: no wires between places, doors are dialled directly. */
  readonly direct?: boolean
}

const readyMsMax = 60_000

/**
 * Ground for a zone test: real servers on addresses and in a folder of their own, started one by one. Disposing it ends
 * every process and removes every file; the servers themselves come from the user's cache.
 */
export class TestGround implements AsyncDisposable {
  readonly blueprint: Blueprint
  readonly credentials: Credentials
  readonly runtime: ProcessRuntime
  readonly context: StoreContext
  readonly folder: string

  private constructor(ground: Pick<TestGround, 'blueprint' | 'context' | 'folder'>) {
    this.blueprint = ground.blueprint
    this.context = ground.context
    this.credentials = ground.context.credentials
    this.folder = ground.folder
    this.runtime = new ProcessRuntime({
      testbed: ground.blueprint.id,
      folder: ground.folder,
      homes: ground.context.homes,
      launch: (spec, site) => launchOf(spec as ServerSpec, site, ground.context),
    })
  }

  static async make({ octets, archives, ...options }: GroundOptions): Promise<TestGround> {
    const signal = AbortSignal.timeout(150_000)
    const kinds = serverKinds.filter((kind): kind is ServerKind => kind !== 'k6')
    const homes = await provide(kinds, { cacheDir: folders().cache, signal })
    const prepared = await prepareTemplates(homes, folders().cache, signal, () => {})
    const credentials = await makeCredentials({ clock: systemClock, random: randomBytes })
    const blueprint = await blueprintFor({ octets, ...options })
    const folder = await mkdtemp(join(tmpdir(), 'ezone-test-'))
    const templates = archives === 'damaged' ? { ...prepared, archives: await damagedArchives(folder) } : prepared
    const ground = new TestGround({ blueprint, folder, context: { credentials, homes, templates } })
    await ground.runtime.prepare()
    return ground
  }

  spec<K extends ServerSpec['kind']>(id: string, kind: K): Extract<Spec, { kind: K }> {
    const spec = this.blueprint.specs.find((s) => s.id === id)
    if (spec?.kind !== kind) throw new TypeError(`there is no ${kind} ${id}`)
    return spec as Extract<Spec, { kind: K }>
  }

  /** Starts a server and waits until it serves; a failure shows its last lines. Returns the milliseconds both took. */
  async start(spec: ServerSpec): Promise<number> {
    const begin = systemClock.monotonicMs()
    const signal = AbortSignal.timeout(readyMsMax)
    await this.runtime.start(spec, signal)
    try {
      await waitReady(spec, { credentials: this.credentials, everyMs: 25, signal })
    } catch (cause) {
      const lines = await this.runtime.tail(spec.id, 20)
      throw new Error(`${spec.id} did not become ready:\n${lines.join('\n')}`, { cause })
    }
    return systemClock.monotonicMs() - begin
  }

  stop(spec: Spec): Promise<void> {
    return this.runtime.stop(spec.id, { graceMs: 10_000, signal: AbortSignal.timeout(30_000) })
  }

  /** As `kill -9`: no good-bye. */
  kill(spec: Spec): Promise<void> {
    return this.runtime.stop(spec.id, { graceMs: 0, signal: AbortSignal.timeout(30_000) })
  }

  async pid(spec: Spec): Promise<number> {
    const pid = (await this.runtime.observe()).find((o) => o.specId === spec.id)?.pid
    if (!pid) throw new Error(`${spec.id} does not run`)
    return pid
  }

  /** Its share of the machine's memory: what it has alone, and its part of what it has with others. */
  async pssBytes(spec: Spec): Promise<number> {
    const rollup = await readFile(`/proc/${await this.pid(spec)}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? Number.NaN) * 1024
  }

  /** Files its memory maps. */
  async mapped(spec: Spec): Promise<readonly string[]> {
    const maps = await readFile(`/proc/${await this.pid(spec)}/maps`, 'utf8')
    return [...new Set(maps.split('\n').flatMap((line) => /(\/.*)$/.exec(line)?.[1] ?? []))]
  }

  dataDir = (spec: Spec): string => join(this.folder, 'data', spec.id)

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runtime.destroy()
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function blueprintFor(options: Omit<GroundOptions, 'archives'>): Promise<Blueprint> {
  const { octets, topology: text = {}, manifests = [], shardsOf, direct = false } = options
  const topology = topologySchema.parse(text)
  const blueprint = expand({
    topology,
    name: 'test',
    id: `test-${randomBytes(6).toString('hex')}`,
    runtime: 'process',
    mode: 'blocks',
    octets: new Map(Object.entries(octets)),
    portBase: 0,
    manifests,
    defaultShards: (await shardsOf?.(topology.zones.map(({ name }) => name))) ?? {},
  })
  return direct ? withoutLinks(blueprint) : blueprint
}

async function damagedArchives(folder: string): Promise<Templates['archives']> {
  const path = join(folder, 'damaged.jsa')
  await writeFile(path, randomBytes(64 * 1024))
  return { kafka: path, zookeeper: path }
}
