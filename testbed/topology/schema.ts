import { z } from 'zod'
import { serverKinds } from '../servers/home.ts'
import { gradesSchema } from './grades.ts'

/** A name that may stand in addresses, file names and container names. */
const name = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,11}$/, 'must be 1-12 lower-case letters and digits, starting with a letter')

const rtt = z.int().min(0).max(2000)
const port = z.int().min(1024).max(32767)

const zoneSchema = z.strictObject({
  name: name.describe('Name of the zone, such as `bj`.'),
  number: z
    .int()
    .min(1)
    .max(15)
    .optional()
    .describe('Goes into every id; by default its position in the list. Never change it once ids exist.'),
  idcs: z
    .array(name)
    .min(1)
    .max(4)
    .optional()
    .describe(
      'Its data centres; by default one with the name of the zone. The first one holds the stores, services run in all.',
    ),
})

const linkSchema = z.strictObject({
  between: z.tuple([name, name]).describe('The two places (IDC or edge) it joins.'),
  rttMs: rtt.describe('Round trip in milliseconds; half of it is added in each direction.'),
})

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')

const urlSourceSchema = z
  .strictObject({
    kind: z.enum(serverKinds).describe('The server it holds.'),
    url: z.url({ protocol: /^https?$/ }).describe('An archive (tar, tar.gz, tar.xz, tar.zst) or a single program.'),
    sha256: sha256.optional().describe('Its SHA-256.'),
    checksums: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("The publisher's checksum file (lines `HASH  NAME`), where no hash is given."),
  })
  .refine((source) => (source.sha256 === undefined) !== (source.checksums === undefined), {
    error: 'needs either sha256 or checksums: a hash is never guessed',
  })
  .describe('A server from an address of your own; nothing is unpacked before its hash is right.')

const imageSourceSchema = z
  .strictObject({
    kind: z.enum(serverKinds).describe('The server it holds.'),
    image: z
      .string()
      .regex(/^[\w][\w./:-]*$/, 'must be a name such as mysql:8.4')
      .describe('Name and tag of the image.'),
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hexadecimal digits')
      .describe('What it must be: its digest in the registry, or its id.'),
  })
  .describe('A server out of a Docker image; needs an engine, but no container runs.')

const sourceSchema = z.union([z.enum(['path', 'packages']), urlSourceSchema, imageSourceSchema])

export type UrlSetting = z.output<typeof urlSourceSchema>
export type ImageSetting = z.output<typeof imageSourceSchema>
/** One entry of `sources`. */
export type SourceSetting = z.output<typeof sourceSchema>

export const topologySchema = z
  .strictObject({
    zones: z
      .array(zoneSchema)
      .min(1)
      .max(15)
      .default([{ name: 'bj' }, { name: 'sh' }])
      .describe('The zones. Nothing in ezone says "two".'),
    edges: z
      .array(z.strictObject({ name: name.describe('Name of the edge.') }))
      .min(1)
      .max(4)
      .default([{ name: 'edge' }])
      .describe('Public-cloud regions where clients enter. No business data.'),
    rttMs: z
      .strictObject({
        zones: rtt.default(30).describe('Between IDCs of different zones.'),
        edges: rtt.default(5).describe('Between an edge and anything else.'),
        idcs: rtt.default(1).describe('Between IDCs of one zone.'),
      })
      .prefault({})
      .describe('Round trips of links that `links` does not name, in milliseconds.'),
    links: z
      .array(linkSchema)
      .default([])
      .describe('Links with a round trip of their own. Every two places are joined anyway.'),
    shards: z
      .record(z.string().regex(/^[1-9][0-9]?$/, 'must be a shard number such as 31'), name)
      .default({})
      .describe('Shard number -> zone, for shards that shall not stand where the 52/48 split puts them.'),
    globalZone: z
      .strictObject({
        master: name.optional().describe('Zone whose global MySQL takes the writes; by default the first zone.'),
      })
      .prefault({})
      .describe('The strongly consistent data.'),
    policy: z
      .enum(['available', 'strict'])
      .default('available')
      .describe(
        'A zone that lost the majority, when its lease ends: `available` goes on (conflicts are locked after the heal), `strict` refuses writes.',
      ),
    failover: z
      .strictObject({
        automatic: z
          .boolean()
          .default(false)
          .describe('Leave a zone without a person, when two of the places agree that it is lost.'),
        afterMs: z
          .int()
          .min(3_000, 'must be 3000 or more')
          .max(600_000, 'must be 600000 or less')
          .default(10_000)
          .describe('For so long each of them must have seen it lost, without a break.'),
      })
      .prefault({})
      .describe('Who decides that a zone is lost. See ADR 0028.'),
    grades: gradesSchema,
    mysql: z
      .strictObject({
        durability: z
          .enum(['full', 'fast'])
          .default('full')
          .describe(
            '`full`: every commit is on disk (sync_binlog=1, flush 1). `fast`: a power cut may lose the last second.',
          ),
      })
      .prefault({})
      .describe('Settings of every MySQL.'),
    ports: z
      .strictObject({
        mysql: port.default(3306).describe('MySQL.'),
        redis: port.default(6379).describe('Redis.'),
        zookeeper: port.default(2181).describe('ZooKeeper clients.'),
        kafka: port.default(9092).describe('Kafka inside its zone; foreign places use the ports from +100 on.'),
      })
      .prefault({})
      .describe('Ports of the stores, the same in every place.'),
    sources: z
      .array(sourceSchema)
      .min(1)
      .optional()
      .describe('Where servers come from, in this order; see docs/servers.md. The cache is always asked first.'),
  })
  .describe('ezone.yaml: the zones, places, links and shards of a testbed. Every field is optional.')

export type Topology = z.output<typeof topologySchema>
