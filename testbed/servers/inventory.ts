import { join } from 'node:path'
import { type Entry, ServerCache } from './cache.ts'
import type { ServerKind } from './home.ts'
import { kinds } from './kinds.ts'
import { bytesOf } from './manifest.ts'
import { pathSource } from './sources/path.ts'
import { differences } from './verify.ts'

/** One server in the cache, as `ezone servers list` tells it. */
export interface InventoryRow {
  readonly kind: ServerKind
  readonly version: string | null
  readonly source: string | null
  readonly licence: string | null
  readonly bytes: number | null
  readonly where: string
  /** `ready`: the next `up` may use it; `other`: whole, but not a version or architecture this ezone runs. */
  readonly state: 'ready' | 'other' | 'damaged'
  /** What is wrong with it, null where nothing is. */
  readonly problem: string | null
}

export async function inventory(options: {
  readonly cacheDir: string
  /** Read every file instead of comparing sizes and times. */
  readonly verify: boolean
  readonly signal: AbortSignal
}): Promise<readonly InventoryRow[]> {
  const entries = await new ServerCache(options.cacheDir).entries()
  return Promise.all(entries.map((entry) => inspect(entry, options)))
}

/** Servers of the user's own that the next `up` would take from PATH, for kinds the cache cannot give. */
export async function onPath(kinds: readonly ServerKind[], signal: AbortSignal): Promise<readonly InventoryRow[]> {
  const source = pathSource()
  const ground = { scratch: '', wanted: kinds, marker: {}, signal, report: () => {} }
  const rows = kinds.filter(source.offers).map(async (kind) => {
    const found = await source.fetch(kind, '', ground).catch(() => null)
    signal.throwIfAborted()
    if (found === null || found.files) return []
    const { version, licence, root, programs } = found.home
    const where = join(root, Object.values(programs)[0] ?? '')
    return [{ kind, version, source: 'path', licence, bytes: null, where, state: 'ready', problem: null } as const]
  })
  return (await Promise.all(rows)).flat()
}

/** Looks at one entry; changes nothing. */
export async function inspect(
  { kind, root, folder, manifest }: Entry,
  options: { readonly verify: boolean; readonly signal: AbortSignal },
): Promise<InventoryRow> {
  if (manifest === null) {
    const unknown = { version: null, source: null, licence: null, bytes: null }
    return { kind, ...unknown, where: folder, state: 'damaged', problem: 'its manifest cannot be read' }
  }
  const { version, source, licence } = manifest.home
  const row = { kind, version, source, licence, bytes: bytesOf(manifest), where: folder }
  const [problem] = await differences(root, manifest, { thorough: options.verify, signal: options.signal })
  if (problem !== undefined) return { ...row, state: 'damaged', problem }
  if (manifest.architecture !== process.arch)
    return { ...row, state: 'other', problem: `is for ${manifest.architecture}` }
  if (!kinds[kind].accepts.test(version)) return { ...row, state: 'other', problem: `${kinds[kind].wants} is needed` }
  return { ...row, state: 'ready', problem: null }
}
