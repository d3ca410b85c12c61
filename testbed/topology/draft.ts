import { z } from 'zod'
import type { Path } from './positions.ts'
import { topologySchema } from './schema.ts'

/** A name somebody wrote, and where. */
export interface Named {
  readonly name: string
  readonly at: Path
}

/**
 * What can be read of a topology that may still be wrong in shape. The rules between fields look at this, so that one
 * misspelt field does not hide a zone that is there twice. What is unreadable is left out; the shape check names it.
 */
export interface Draft {
  readonly zones: readonly (Named & { readonly number: number; readonly idcs: readonly Named[] })[]
  readonly edges: readonly Named[]
  readonly links: readonly { readonly at: Path; readonly ends: readonly Named[] }[]
  /** `name` is the zone. */
  readonly shards: readonly (Named & { readonly shard: string })[]
  readonly master: Named | null
  readonly ports: Readonly<Record<'mysql' | 'redis' | 'zookeeper' | 'kafka', number>>
}

const text = z.string().optional().catch(undefined)
const number = z.int().optional().catch(undefined)
const texts = z.array(text).optional().catch(undefined)

const lenient = z
  .object({
    zones: z
      .array(z.object({ name: text, number, idcs: texts }).catch({}))
      .optional()
      .catch([]),
    edges: z
      .array(z.object({ name: text }).catch({}))
      .optional()
      .catch([]),
    links: z
      .array(z.object({ between: texts }).catch({}))
      .optional()
      .catch([]),
    shards: z.record(z.string(), text).optional().catch({}),
    globalZone: z.object({ master: text }).optional().catch({}),
    ports: z.object({ mysql: number, redis: number, zookeeper: number, kafka: number }).optional().catch({}),
  })
  .catch({})

export function readDraft(value: unknown): Draft {
  const raw = lenient.parse(value ?? {})
  const defaults = topologySchema.parse({})
  const zones = raw.zones ?? defaults.zones
  const master = raw.globalZone?.master
  return {
    zones: zones.flatMap((zone, index) => {
      if (zone.name === undefined) return []
      const at = ['zones', index]
      const idcs = zone.idcs
        ? named(zone.idcs, (i) => [...at, 'idcs', i])
        : [{ name: zone.name, at: [...at, 'name'] as Path }]
      return [{ name: zone.name, at: [...at, 'name'], number: zone.number ?? index + 1, idcs }]
    }),
    edges: named(
      (raw.edges ?? defaults.edges).map((edge) => edge.name),
      (i) => ['edges', i, 'name'],
    ),
    links: (raw.links ?? []).map(({ between }, index) => ({
      at: ['links', index],
      ends: named(between ?? [], (i) => ['links', index, 'between', i]),
    })),
    shards: Object.entries(raw.shards ?? {}).flatMap(([shard, name]) =>
      name === undefined ? [] : [{ shard, name, at: ['shards', shard] }],
    ),
    master: master === undefined ? null : { name: master, at: ['globalZone', 'master'] },
    ports: {
      mysql: raw.ports?.mysql ?? defaults.ports.mysql,
      redis: raw.ports?.redis ?? defaults.ports.redis,
      zookeeper: raw.ports?.zookeeper ?? defaults.ports.zookeeper,
      kafka: raw.ports?.kafka ?? defaults.ports.kafka,
    },
  }
}

function named(names: readonly (string | undefined)[], at: (index: number) => Path): readonly Named[] {
  return names.flatMap((name, index) => (name === undefined ? [] : [{ name, at: at(index) }]))
}
