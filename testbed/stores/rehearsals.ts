import { randomBytes, randomInt } from 'node:crypto'
import type { Address } from '@ezone/sdk/model'
import { systemClock } from '@ezone/sdk/model'
import type { ServerHome, ServerKind } from '../servers/home.ts'
import type { KafkaSpec, Port, Protocol, ZookeeperSpec } from '../topology/blueprint.ts'
import type { Rehearsal } from './class-data.ts'
import type { StoreContext } from './context.ts'
import { makeCredentials } from './credentials.ts'
import { launchKafka, probeKafka } from './kafka.ts'
import { launchZookeeper, probeZookeeper } from './zookeeper.ts'

/**
 * The servers that rehearse for class-data archives, on an address of 127.254.0.0/16 that no testbed is given. Each does
 * what the real one does at its start: Kafka with a foreign listener, ZooKeeper as a member of an ensemble with TLS.
 */
export function rehearseKafka(context: StoreContext): Rehearsal<KafkaSpec> {
  const at = doors()
  const ports = [
    port('client', 'kafka', at(9092)),
    port('controller', 'control', at(9093)),
    port('far', 'kafka', at(9192)),
  ]
  const foreign = [{ listener: 'FAR', port: 'far', advertised: at(9192) }]
  return { spec: { ...base('kafka', ports), kind: 'kafka', foreign }, launch: launchKafka, probe: probeKafka, context }
}

export function rehearseZookeeper(context: StoreContext): Rehearsal<ZookeeperSpec> {
  const at = doors()
  const ports = [port('client', 'zookeeper', at(2181))]
  const ensemble = { myid: 1, members: [{ myid: 1, quorum: at(2888), election: at(3888) }] }
  return {
    spec: { ...base('zookeeper', ports), kind: 'zookeeper', ensemble },
    launch: launchZookeeper,
    probe: probeZookeeper,
    context,
  }
}

/** What a rehearsal is started with: secrets that are thrown away with it, and no archive yet. */
export async function rehearsalContext(
  homes: ReadonlyMap<ServerKind, ServerHome>,
  kafka: string,
): Promise<StoreContext> {
  const credentials = await makeCredentials({ clock: systemClock, random: randomBytes })
  return { homes, credentials, templates: { mysql: '', kafka, archives: { kafka: null, zookeeper: null } } }
}

function doors(): (port: number) => Address {
  const host = `127.254.${randomInt(256)}.${randomInt(1, 255)}`
  return (port) => ({ host, port })
}

const port = (name: string, protocol: Protocol, address: Address): Port => ({
  name,
  protocol,
  host: address,
  inside: address,
  reach: 'local',
  only: null,
})

const base = (name: string, ports: readonly Port[]) => ({
  id: `rehearsal/${name}`,
  name,
  place: 'rehearsal',
  zone: null,
  on: 'host' as const,
  ports,
  needs: [],
})
