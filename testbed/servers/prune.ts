import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { type Entry, ServerCache } from './cache.ts'
import { type InventoryRow, inspect } from './inventory.ts'

export interface PruneOptions {
  readonly cacheDir: string
  /** Damaged entries, and those put aside before. */
  readonly corrupt: boolean
  /** What no `up` of this ezone would use: other versions, other architectures, older copies. */
  readonly older: boolean
  readonly all: boolean
  readonly signal: AbortSignal
}

export interface Removed {
  readonly what: string
  readonly where: string
  readonly why: string
}

/**
 * Removes servers from the cache.
 *
 * @throws EzoneError EZ_BUSY where a running process still needs one of them; nothing is removed then
 */
export async function prune(options: PruneOptions): Promise<readonly Removed[]> {
  const cache = new ServerCache(options.cacheDir)
  const doomed = await chosen(await cache.entries(), options)
  await mustBeIdle(doomed.map(({ entry }) => entry.folder))
  const removed: Removed[] = []
  for (const { entry, row, why } of doomed) {
    await using _right = await cache.lock(entry.kind, options.signal)
    await rm(entry.folder, { recursive: true, force: true, maxRetries: 3 })
    removed.push({ what: `${entry.kind} ${row.version ?? '(unknown version)'}`, where: entry.folder, why })
  }
  for (const where of options.corrupt || options.all ? await cache.quarantined() : []) {
    await rm(where, { recursive: true, force: true, maxRetries: 3 })
    removed.push({ what: 'damaged entry', where, why: 'it was put aside' })
  }
  return removed
}

interface Doomed {
  readonly entry: Entry
  readonly row: InventoryRow
  readonly why: string
}

async function chosen(entries: readonly Entry[], options: PruneOptions): Promise<readonly Doomed[]> {
  const doomed: Doomed[] = []
  const kept = new Set<string>()
  for (const entry of entries) {
    const row = await inspect(entry, { verify: options.corrupt, signal: options.signal })
    // Entries come newest first; of the same source only the first whole one is ever used.
    const place = `${row.kind} ${row.source}`
    const older = row.state === 'ready' && kept.has(place)
    if (row.state === 'ready') kept.add(place)
    if (options.all) doomed.push({ entry, row, why: 'everything was asked for' })
    else if (options.corrupt && row.state === 'damaged') doomed.push({ entry, row, why: row.problem ?? 'damaged' })
    else if (options.older && row.state === 'other') doomed.push({ entry, row, why: row.problem ?? 'not usable here' })
    else if (options.older && older) doomed.push({ entry, row, why: 'a newer one is there' })
  }
  return doomed
}

/** A running server cannot be restarted when its files are gone. */
async function mustBeIdle(folders: readonly string[]): Promise<void> {
  if (folders.length === 0) return
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const program = await readlink(join('/proc', pid, 'exe')).catch(() => '')
    const line = await readFile(join('/proc', pid, 'cmdline'), 'latin1').catch(() => '')
    const used = folders.find((folder) => program.startsWith(`${folder}/`) || line.includes(`${folder}/files/`))
    if (used === undefined) continue
    throw new EzoneError('EZ_BUSY', `process ${pid} runs from ${used}`, {
      hint: 'Take the testbeds down first: `ezone down --all`.',
    })
  }
}
