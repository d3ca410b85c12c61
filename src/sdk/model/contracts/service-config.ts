import { z } from 'zod'
import { plantedBugNames } from '../planted-bugs.ts'

const address = z.strictObject({ host: z.string(), port: z.int() })
export type Address = z.output<typeof address>

const mysql = address.extend({ user: z.string(), password: z.string() })
export type MysqlAccess = z.output<typeof mysql>

/**
 * What a service is told when it starts: a JSON file (mode 0600: it holds credentials) named by `EZONE_SERVICE_CONFIG`.
 * Every address is as seen from the service's own place, so a service of another zone appears as the link's listener.
 */
export const serviceConfigSchema = z.strictObject({
  service: z.string(),
  testbed: z.string(),
  place: z.string(),
  /** null at an edge: it is not a zone and holds no business data. */
  zone: z.string().nullable(),
  /** 1..15; null at an edge. Goes into every id the service hands out. */
  zoneNumber: z.int().min(1).max(15).nullable(),
  /** 1 for the first of its kind in a place. */
  instance: z.int().min(1).default(1),
  /** Every zone of the testbed. */
  zones: z.array(z.strictObject({ name: z.string(), number: z.int().min(1).max(15) })).default([]),
  /** What a zone without the majority does when its lease ends: go on, or refuse writes. */
  policy: z.enum(['available', 'strict']).default('available'),
  /** A zone that was seen lost for so long is left without a person; absent: a person decides. */
  failoverAfterMs: z.int().min(1).optional(),
  /** Mistakes built in on purpose (planted-bugs.ts). Only a testbed names any; an unknown one is refused. */
  sabotage: z.array(z.enum(plantedBugNames)).readonly().default([]),
  /** What its clock is ahead of the machine's; negative: behind. For testbeds that try clocks that are wrong. */
  clockOffsetMs: z.int().optional(),
  /** 0..31, unique among the writers of a zone. */
  writer: z.int().min(0).max(31),
  listen: address,
  /** Signs the internal tag between router and services. */
  secret: z.string().min(32),
  stores: z.strictObject({
    mysql: mysql.optional(),
    redis: address.extend({ password: z.string() }).optional(),
    kafka: address.optional(),
    zookeeper: address.optional(),
    /** Members of the global ensemble as seen from here, the one of this place first. */
    ensemble: z.array(address).optional(),
    /** MySQL servers of the Global Zone by zone, and which zone's took the writes when the testbed was made. */
    global: z.strictObject({ master: z.string(), members: z.record(z.string(), mysql) }).optional(),
  }),
  /** Stores of other zones, as seen from here. */
  far: z.record(z.string(), z.strictObject({ kafka: address.optional(), mysql: mysql.optional() })).default({}),
  /** service name -> where it runs, as seen from here. */
  peers: z.record(z.string(), z.array(address.extend({ place: z.string(), zone: z.string().nullable() }))),
  /** shard number -> zone: what the topology asks of GZS. */
  shards: z.record(z.string(), z.string()),
  /** The data folder: cells.csv, fences/, cities/. */
  dataDir: z.string(),
  /** Folder the service may keep files in. */
  stateDir: z.string(),
})

export type ServiceConfig = z.output<typeof serviceConfigSchema>
