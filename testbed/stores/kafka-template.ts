import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandOf, type ServerHome } from '../servers/home.ts'
import { run } from '../servers/run.ts'
import { kafkaProperties } from './kafka-config.ts'

/** Any address will do: none goes into a formatted log folder. */
const nowhere = (port: number) => ({ host: '127.0.0.1', port })
/** Each copy gets an id of its own. */
const clusterId = 'ezoneTemplateClusterId'
const deadlineMs = 60_000

/** Part of a template's name: raised when a template is made differently. */
export const kafkaTemplateRecipe = () => 'kafka 1'

/** A Kafka log folder as `kafka-storage format` makes it: the cluster's id, the node's number, the metadata version. */
export async function makeKafkaTemplate(
  { java, kafka }: { readonly java: ServerHome; readonly kafka: ServerHome },
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const work = `${folder}.work`
  await rm(work, { recursive: true, force: true })
  try {
    await mkdir(work, { recursive: true, mode: 0o700 })
    const config = join(work, 'server.properties')
    const client = { bind: nowhere(9092), advertised: nowhere(9092) }
    const doors = { client, controller: nowhere(9093), foreign: [], inside: null }
    await writeFile(config, kafkaProperties(doors, join(work, 'log')))
    const [program, ...args] = commandOf(java, 'java')
    const jars = kafka.jars.map((jar) => join(kafka.root, jar)).join(':')
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', config]
    const jvm = [
      '-Xmx64m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-XX:-UsePerfData',
      `-Djava.io.tmpdir=${work}`,
    ]
    await run(program, [...args, ...jvm, '-cp', jars, ...format], { signal, deadlineMs, cwd: work })
    await rename(join(work, 'log'), folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
