import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ServerCache } from '../servers/cache.ts'
import { survey } from '../servers/survey.ts'

/** A folder of its own under the system's temporary one, gone when the test ends. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'ezone-servers-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/**
 * Files that make a ZooKeeper in ezone's eyes: jars are told by their names, never started by testbed/servers. Small
 * enough to move about by the hundred.
 */
export async function writeJarSet(folder: string, version = '3.9.5'): Promise<void> {
  const files = {
    [`lib/zookeeper-${version}.jar`]: `zookeeper ${version}`,
    'lib/netty-handler-4.1.130.Final.jar': 'netty',
    'LICENSE.txt': 'Apache License',
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await symlink('LICENSE.txt', join(folder, 'COPYING'))
}

/** A cache that holds one such set, as if `source` had given it. */
export async function cacheWithJarSet(folder: string, { source = 'packages:maven', version = '3.9.5' } = {}) {
  const cache = new ServerCache(folder)
  const signal = AbortSignal.timeout(20_000)
  await using right = await cache.lock('zookeeper', signal)
  const files = join(right.scratch, 'files')
  await writeJarSet(files, version)
  const entry = await cache.install(await survey('zookeeper', files, source, signal), signal)
  return { cache, entry, signal }
}
