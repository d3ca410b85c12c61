import { ZookeeperError } from './errors.ts'
import { Level, type LevelOptions, type NodeWatch } from './level.ts'
import type { Stat } from './types.ts'
import type { Zookeeper } from './zookeeper.ts'

export interface NodeValue {
  readonly data: Buffer
  readonly stat: Stat
}

/**
 * Delivers what a node holds, null where there is none: at first, and again whenever it holds something else; in order,
 * one after the other. Versions that were replaced before they could be read are not delivered. A callback that throws
 * gets the then newest value again a moment later.
 */
export function watchNode(
  zk: Zookeeper,
  path: string,
  onValue: (value: NodeValue | null) => void | Promise<void>,
  options: LevelOptions = {},
): NodeWatch {
  let delivered: string | undefined
  const pass = async (_: unknown, signal: AbortSignal) => {
    const value = await readNode(zk, path, signal)
    const now = value === null ? 'none' : `${value.stat.czxid} ${value.stat.mzxid}`
    if (now === delivered || signal.aborted) return
    await onValue(value)
    delivered = now
  }
  return new Level(zk, { path, recursive: false }, pass, options)
}

export async function readNode(zk: Zookeeper, path: string, signal: AbortSignal): Promise<NodeValue | null> {
  return await zk.getData(path, { signal }).catch((error: unknown) => {
    if (ZookeeperError.is(error, 'NO_NODE')) return null
    throw error
  })
}
