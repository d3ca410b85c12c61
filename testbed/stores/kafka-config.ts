import type { Address } from '@ezone/sdk/model'
import { limits } from './limits.ts'

/** Where a Kafka listens, and what address it tells the clients of each listener. */
export interface KafkaDoors {
  readonly client: { readonly bind: Address; readonly advertised: Address }
  readonly controller: Address
  readonly foreign: readonly { readonly listener: string; readonly bind: Address; readonly advertised: Address }[]
  /** A listener for the broker's own use, where it cannot reach the one that clients are told; null where it can. */
  readonly inside: Address | null
}

const url = (listener: string, { host, port }: Address) => `${listener}://${host}:${port}`

/** Server properties of a KRaft node; the same text formats a log folder. */
export function kafkaProperties({ client, controller, foreign, inside }: KafkaDoors, logDir: string): string {
  const own = inside === null ? [] : [{ listener: 'INSIDE', bind: inside, advertised: inside }]
  const brokers = [{ listener: 'PLAINTEXT', ...client }, ...own, ...foreign]
  const properties: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller.host}:${controller.port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': inside === null ? 'PLAINTEXT' : 'INSIDE',
    listeners: [...brokers.map((b) => url(b.listener, b.bind)), url('CONTROLLER', controller)].join(','),
    'advertised.listeners': brokers.map((b) => url(b.listener, b.advertised)).join(','),
    'listener.security.protocol.map': [...brokers.map((b) => b.listener), 'CONTROLLER']
      .map((listener) => `${listener}:PLAINTEXT`)
      .join(','),
    'log.dirs': logDir,
    ...bounds,
    ...small,
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

const bounds = {
  'log.retention.bytes': limits.kafkaLogBytesMax,
  'log.retention.hours': limits.kafkaHoursMax,
  'log.segment.bytes': limits.kafkaSegmentBytesMax,
  'log.retention.check.interval.ms': 60_000,
  // An index is mapped at its full size; for small segments the usual 10 MB are never used.
  'log.index.size.max.bytes': 2 ** 20,
  'metadata.max.retention.bytes': limits.kafkaSegmentBytesMax,
}

/** One node on a developer's machine: few threads, one copy of everything, and no waiting for a second broker. */
const small = {
  'num.network.threads': 2,
  'num.io.threads': 2,
  'background.threads': 2,
  'num.recovery.threads.per.data.dir': 1,
  'num.partitions': 4,
  'offsets.topic.num.partitions': 4,
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.num.partitions': 2,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 2,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'log.cleaner.threads': 1,
  'log.cleaner.dedupe.buffer.size': 2 * 2 ** 20,
  'group.initial.rebalance.delay.ms': 0,
  // A broker that was killed is let in again when its earlier life has timed out: with the usual 9 s it is away for 12.
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
}
