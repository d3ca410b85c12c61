import { ZookeeperError } from './errors.ts'
import { parentsOf } from './paths.ts'
import type { RequestOptions } from './types.ts'
import type { Zookeeper } from './zookeeper.ts'

/** Creates what is missing of a path, as empty persistent nodes that everybody may change. */
export async function ensurePath(zk: Zookeeper, path: string, options: RequestOptions = {}): Promise<void> {
  if (path === '/' || (await zk.exists(path, options)) !== null) return
  for (const one of [...parentsOf(path), path])
    await zk.create(one, '', options).catch((error: unknown) => {
      if (!ZookeeperError.is(error, 'NODE_EXISTS')) throw error
    })
}
