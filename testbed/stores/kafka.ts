import { createHmac } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type KafkaSpec, portOf } from '../topology/blueprint.ts'
import type { StoreContext } from './context.ts'
import { copyTree } from './copy-tree.ts'
import { archiveOf, classPath, jvmArgs, jvmFiles, placeArchive } from './jvm.ts'
import { type KafkaDoors, kafkaProperties } from './kafka-config.ts'
import { kafkaBrokers } from './kafka-wire.ts'
import type { Launcher, Site } from './launch.ts'
import type { Probe } from './ready.ts'

const config = 'server.properties'
const seeded = 'kafka'
const log = 'log'

/** A Kafka of one node, broker and controller, from the formatted template. */
export const launchKafka: Launcher<KafkaSpec> = (spec, site, context) => {
  const { archives } = context.templates
  const archive = archiveOf(`${site.dataDir}/${seeded}`, archives.kafka)
  return {
    program: { kind: 'java', name: 'java' },
    args: [
      ...jvmArgs(site, { heapMb: 160, codeCacheMb: 48, archive }),
      '-cp',
      classPath(site, 'kafka'),
      'kafka.Kafka',
      `${site.dataDir}/${config}`,
    ],
    env: {},
    files: [
      { path: config, text: kafkaProperties(doorsOf(spec, site), `${site.dataDir}/${seeded}/${log}`) },
      ...jvmFiles,
    ],
    seed: { into: seeded, make: (folder, signal) => seedKafka(folder, spec, context, signal) },
    stopGraceMs: 10_000,
  }
}

function doorsOf(spec: KafkaSpec, site: Site): KafkaDoors {
  const client = site.bind('client')
  const told = portOf(spec, 'client')?.host ?? client
  return {
    client: { bind: client, advertised: told },
    controller: site.bind('controller'),
    foreign: spec.foreign.map(({ listener, port, advertised }) => ({ listener, bind: site.bind(port), advertised })),
    // In a container the address that clients are told is one of the host; the broker itself needs one of its own.
    inside: site.side === 'inside' ? { host: client.host, port: client.port + 2 } : null,
  }
}

async function seedKafka(folder: string, spec: KafkaSpec, context: StoreContext, signal: AbortSignal): Promise<void> {
  const { templates, credentials } = context
  await copyTree(templates.kafka, join(folder, log), signal)
  const path = join(folder, log, 'meta.properties')
  const formatted = await readFile(path, 'utf8')
  await writeFile(path, formatted.replace(/^cluster\.id=.*$/m, `cluster.id=${clusterId(credentials.secret, spec.id)}`))
  if (templates.archives.kafka !== null) await placeArchive(templates.archives.kafka, folder)
}

/** 22 characters like any other cluster id; another one for every Kafka of every testbed, the same for the same one. */
function clusterId(secret: string, specId: string): string {
  const hash = createHmac('sha256', secret).update(`kafka cluster ${specId}`).digest('base64url')
  return hash.slice(0, 22).replace(/^-/, 'A')
}

/**
 * Every listener answers and tells the address it shall tell: Kafka opens them one after another, and a client that comes
 * by a listener which is open but not yet told gets no broker at all.
 */
export const probeKafka: Probe<KafkaSpec> = async (spec, { door, signal }) => {
  const own = door('client')
  const listeners = [{ port: 'client', advertised: own }, ...spec.foreign]
  await Promise.all(
    listeners.map(async ({ port, advertised }) => {
      const brokers = await kafkaBrokers(door(port), signal)
      const [wanted, told] = [[advertised], brokers].map((all) => all.map((a) => `${a.host}:${a.port}`).join(' '))
      if (told !== wanted) throw new Error(`listener ${port} names ${told || 'no broker'} instead of ${wanted}`)
    }),
  )
}
