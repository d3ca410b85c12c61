import type { NewEvent } from '../agent/events.ts'
import { ProcessRuntime } from '../runtimes/process/runtime.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { ServerHome, ServerKind } from '../servers/home.ts'
import { provide } from '../servers/provide.ts'
import type { Launch, Site } from '../stores/launch.ts'
import { launchOf } from '../stores/registry.ts'
import { prepareTemplates } from '../stores/templates.ts'
import { marks } from '../surroundings/processes.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'
import { launchService } from './service-launch.ts'
import type { Testbed } from './testbed.ts'

/** A testbed with everything at hand that is needed to start it. */
export interface Equipped {
  readonly testbed: Testbed
  readonly runtime: Runtime
  readonly homes: ReadonlyMap<ServerKind, ServerHome>
}

export interface EquipOptions {
  readonly cacheFolder: string
  readonly tell: (event: NewEvent) => void
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/** Finds or fetches the servers, makes their templates, and puts the runtime together. */
export async function equip(testbed: Testbed, options: EquipOptions): Promise<Equipped> {
  const { blueprint, record } = testbed
  const homes = await stage(options, 'servers', 'servers at hand', (note) =>
    provide(kindsOf(blueprint), {
      cacheDir: options.cacheFolder,
      ...(record.topology.sources && { sources: record.topology.sources }),
      marker: { [marks.testbed]: record.id, [marks.spec]: 'fetch' },
      signal: options.signal,
      report: (event) => note(`${event.kind}: ${event.text}`),
    }),
  )
  const templates = await stage(options, 'templates', 'templates at hand', (note) =>
    prepareTemplates(homes, options.cacheFolder, options.signal, note),
  )
  const launch = (spec: Spec, site: Site): Launch =>
    spec.kind === 'service'
      ? launchService(spec, site, blueprint, testbed.credentials)
      : launchOf(spec, site, { credentials: testbed.credentials, homes, templates })
  const host = new ProcessRuntime({ testbed: record.id, folder: testbed.folder, homes, launch })
  if (record.runtime === 'process') return { testbed, homes, runtime: host }
  const { DockerRuntime } = await import('../runtimes/docker/runtime.ts')
  return { testbed, homes, runtime: new DockerRuntime({ testbed, homes, launch, host }) }
}

/** Server kinds a blueprint needs; Kafka and ZooKeeper bring Java along. */
export function kindsOf(blueprint: Blueprint): readonly ServerKind[] {
  const kinds = new Set<ServerKind>()
  for (const spec of blueprint.specs) {
    if (spec.kind !== 'service') kinds.add(spec.kind)
    if (spec.kind === 'kafka' || spec.kind === 'zookeeper') kinds.add('java')
  }
  return [...kinds]
}

async function stage<T>(
  { tell, nowMs }: EquipOptions,
  name: 'servers' | 'templates',
  done: string,
  work: (note: (text: string) => void) => Promise<T>,
): Promise<T> {
  const begin = nowMs()
  tell({ type: 'stage', stage: name, state: 'begun', text: '', ms: 0 })
  const result = await work((text) => tell({ type: 'stage', stage: name, state: 'note', text, ms: nowMs() - begin }))
  tell({ type: 'stage', stage: name, state: 'done', text: done, ms: nowMs() - begin })
  return result
}
