import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { EntryManifest, FileRecord } from './manifest.ts'
import { filesBelow } from './survey.ts'

/** Reads every file below root once and writes down what it is. */
export async function record(root: string, signal: AbortSignal): Promise<Pick<EntryManifest, 'files' | 'links'>> {
  const files: Record<string, FileRecord> = {}
  const links: Record<string, string> = {}
  for (const path of (await filesBelow(root)).toSorted()) {
    const full = join(root, path)
    const stat = await lstat(full)
    if (stat.isSymbolicLink()) links[path] = await readlink(full)
    else files[path] = { bytes: stat.size, mtimeMs: stat.mtimeMs, sha256: await sha256Of(full, signal) }
  }
  return { files, links }
}

/**
 * What differs between an entry and its record, one sentence each; empty where all is well. The quick check compares
 * sizes and times and hashes only what differs there (a copied cache has other times and the same content).
 */
export async function differences(
  root: string,
  manifest: EntryManifest,
  options: { readonly thorough: boolean; readonly signal: AbortSignal },
): Promise<string[]> {
  const checks = Object.entries(manifest.files).map(async ([path, file]) => {
    const stat = await lstat(join(root, path)).catch(() => null)
    if (stat === null) return `${path} is missing`
    if (!stat.isFile()) return `${path} is not a file any more`
    if (stat.size !== file.bytes) return `${path} has ${stat.size} bytes instead of ${file.bytes}`
    if (stat.mtimeMs === file.mtimeMs && !options.thorough) return null
    return (await sha256Of(join(root, path), options.signal)) === file.sha256 ? null : `${path} has another content`
  })
  const links = Object.entries(manifest.links).map(async ([path, target]) => {
    const found = await readlink(join(root, path)).catch(() => null)
    return found === target ? null : `${path} does not point to ${target}`
  })
  const extra = options.thorough ? await strangers(root, manifest) : []
  return [...(await Promise.all([...checks, ...links])).filter((found) => found !== null), ...extra]
}

/** Files nobody installed: a jar more would be on the class path. */
async function strangers(root: string, manifest: EntryManifest): Promise<string[]> {
  const found = await filesBelow(root).catch(() => [])
  return found
    .filter((path) => manifest.files[path] === undefined && manifest.links[path] === undefined)
    .map((path) => `${path} was not installed`)
}

export async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash, { signal })
  return hash.digest('hex')
}
