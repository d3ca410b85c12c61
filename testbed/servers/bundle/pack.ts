import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { type Entry, ServerCache } from '../cache.ts'
import type { ServerKind } from '../home.ts'
import { bytesOf, type EntryManifest, isUsable } from '../manifest.ts'
import { measured } from '../measured.ts'
import { needRoom } from '../room.ts'
import { run } from '../run.ts'
import { differences } from '../verify.ts'
import { compressorFor } from './format.ts'

export interface Packed {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly servers: readonly { readonly kind: ServerKind; readonly version: string; readonly source: string }[]
}

type Whole = Entry & { readonly manifest: EntryManifest }

/** Writes the servers of the cache into one file for a machine without network: the newest of each kind. */
export async function pack(
  file: string,
  options: { readonly cacheDir: string; readonly signal: AbortSignal },
): Promise<Packed> {
  const compressor = compressorFor(file)
  const cache = new ServerCache(options.cacheDir)
  const entries = await newestWhole(cache, options.signal)
  await needRoom(
    dirname(resolve(file)),
    entries.reduce((total, entry) => total + bytesOf(entry.manifest), 0),
  )

  await using own = await cache.lock('bundle', options.signal)
  await writeFile(join(own.scratch, 'bundle.json'), JSON.stringify(contents(entries), null, 1))
  const part = `${resolve(file)}.part`
  const hash = createHash('sha256')
  const meter = measured(hash)
  const paths = entries.map((entry) => relative(options.cacheDir, entry.folder))
  const order = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner']
  await mkdir(dirname(part), { recursive: true })
  try {
    await run('tar', [...order, '-c', '-C', own.scratch, 'bundle.json', '-C', options.cacheDir, ...paths], {
      signal: options.signal,
      deadlineMs: 900_000,
      output: [...(compressor ? [compressor] : []), meter, createWriteStream(part)],
    })
    await rename(part, resolve(file))
  } finally {
    await rm(part, { force: true })
  }
  return {
    file: resolve(file),
    bytes: meter.bytes,
    sha256: hash.digest('hex'),
    servers: entries.map(({ kind, manifest: { home } }) => ({ kind, version: home.version, source: home.source })),
  }
}

/** Every byte is read before it is handed on: a damaged server must not travel. */
async function newestWhole(cache: ServerCache, signal: AbortSignal): Promise<readonly Whole[]> {
  const newest = new Map<ServerKind, Whole>()
  for (const entry of await cache.entries()) {
    const { manifest } = entry
    if (manifest !== null && isUsable(manifest) && !newest.has(entry.kind))
      newest.set(entry.kind, { ...entry, manifest })
  }
  for (const entry of newest.values()) {
    const [first] = await differences(entry.root, entry.manifest, { thorough: true, signal })
    if (first !== undefined)
      throw new EzoneError('EZ_CACHE_CORRUPT', `the ${entry.kind} in the cache is damaged: ${first}`)
  }
  if (newest.size > 0) return [...newest.values()]
  throw new EzoneError('EZ_SERVER_UNAVAILABLE', `${cache.folder} holds no server to pack`, {
    hint: 'Fetch them first with `ezone servers fetch`.',
  })
}

function contents(entries: readonly Whole[]) {
  return {
    format: 1,
    architecture: process.arch,
    entries: entries.map(({ kind, folder, manifest }) => ({
      kind,
      version: manifest.home.version,
      folder: basename(folder),
    })),
  }
}
