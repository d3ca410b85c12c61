import { readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { parseTopology } from './parse.ts'
import { type Topology, topologySchema } from './schema.ts'
import { dealShards, readShardShares, type ShardShare } from './shards.ts'

/** The name `ezone up` looks for in the folder it is started in. */
export const topologyFile = 'ezone.yaml'
const bytesMax = 1024 * 1024

export interface LoadedTopology {
  readonly topology: Topology
  /** Absolute path of the file it came from; null where the defaults are used. */
  readonly file: string | null
  /** shard number -> zone, the topology's own wishes included. */
  readonly defaultShards: Readonly<Record<string, string>>
}

/**
 * The topology of a folder: its ezone.yaml, or the defaults (two zones and an edge) where it has none.
 *
 * @param options.file a file that must exist, relative to the folder; what `--file` says
 * @param options.shares the shards of the data, where they have been read already
 * @throws EZ_TOPOLOGY_INVALID naming everything that is wrong, with line and column
 */
export async function loadTopology(options: {
  readonly folder: string
  readonly file?: string
  readonly shares?: readonly ShardShare[]
}): Promise<LoadedTopology> {
  const shares = options.shares ?? (await readShardShares())
  const path = options.file === undefined ? await found(options.folder) : resolve(options.folder, options.file)
  const topology =
    path === null
      ? topologySchema.parse({})
      : parseTopology(await read(path), {
          file: shortest(options.folder, path),
          shards: new Set(shares.map((share) => share.shard)),
        })
  const zones = topology.zones.map((zone) => zone.name)
  return { topology, file: path, defaultShards: dealShards(shares, zones, topology.shards) }
}

/** A file under the wrong name would be ignored in silence, and the user would wonder why nothing changed. */
async function found(folder: string): Promise<string | null> {
  const wanted = join(folder, topologyFile)
  if (await exists(wanted)) return wanted
  const misnamed = join(folder, 'ezone.yml')
  if (await exists(misnamed))
    throw new EzoneError('EZ_TOPOLOGY_INVALID', `ezone reads ${topologyFile}, and here is an ezone.yml`, {
      hint: `Rename it to ${topologyFile}, or name it with --file ezone.yml.`,
    })
  return null
}

/** Only "there is none" means the defaults; a file that is there but cannot be reached is read, and that says why. */
const exists = (path: string) =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )

async function read(path: string): Promise<string> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  )
  if (size > bytesMax)
    throw new EzoneError(
      'EZ_TOPOLOGY_INVALID',
      `${path} has ${size} bytes; a topology of more than ${bytesMax} is not read`,
    )
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new EzoneError('EZ_TOPOLOGY_INVALID', `the topology file ${path} cannot be read`, {
      cause,
      hint: `Check the path given with --file; without --file ezone reads ${topologyFile} where it is started, if there is one.`,
    })
  }
}

function shortest(folder: string, path: string): string {
  const short = relative(folder, path)
  return short.length < path.length && !short.startsWith('..') ? short : path
}
