import { createReadStream } from 'node:fs'
import { lstat, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { ServerCache } from '../cache.ts'
import type { ServerKind } from '../home.ts'
import { type EntryManifest, manifestSchema } from '../manifest.ts'
import { needRoom } from '../room.ts'
import { run } from '../run.ts'
import { differences, sha256Of } from '../verify.ts'
import { bundleSchema, decompressorFor } from './format.ts'

export interface Unpacked {
  readonly kind: ServerKind
  readonly version: string
  readonly source: string
  readonly where: string
}

export interface UnpackOptions {
  readonly cacheDir: string
  readonly signal: AbortSignal
  /** What the whole file must be, where the user was told. */
  readonly sha256?: string
}

/** How much larger the files may be than the bundle. */
const expansionMax = 8

/**
 * Takes the servers of a bundle into the cache: all of them, after every hash was found right, or none.
 *
 * @throws EzoneError EZ_HASH_MISMATCH where a file is not what the bundle promises, EZ_USAGE where it is no bundle
 */
export async function unpack(file: string, options: UnpackOptions): Promise<readonly Unpacked[]> {
  const { signal, cacheDir } = options
  const size = await lstat(file).catch(() => {
    throw new EzoneError('EZ_USAGE', `there is no file ${file}`)
  })
  await checkWhole(file, options)
  await needRoom(cacheDir, size.size * expansionMax)
  const cache = new ServerCache(cacheDir)
  await using own = await cache.lock('bundle', signal)
  await extract(file, own.scratch, signal)
  const entries = await readBundle(file, own.scratch, signal)
  const installed: Unpacked[] = []
  for (const { manifest, folder } of entries) {
    const { kind, version, source } = manifest.home
    await using _right = await cache.lock(kind, signal)
    const entry = await cache.adopt(manifest, join(folder, 'files'))
    installed.push({ kind, version, source, where: entry.folder })
  }
  return installed
}

async function checkWhole(file: string, { sha256, signal }: UnpackOptions): Promise<void> {
  if (sha256 === undefined) return
  const found = await sha256Of(file, signal)
  if (found !== sha256.toLowerCase()) {
    throw new EzoneError('EZ_HASH_MISMATCH', `${file} has SHA-256 ${found}, but ${sha256} was promised`)
  }
}

async function extract(file: string, into: string, signal: AbortSignal): Promise<void> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
  const decompressor = decompressorFor(buffer.subarray(0, bytesRead))
  const input = [createReadStream(file), ...(decompressor ? [decompressor] : [])] as const
  try {
    await run('tar', ['-x', '-C', into, '--no-same-owner'], { signal, deadlineMs: 900_000, input })
  } catch (error) {
    signal.throwIfAborted()
    throw new EzoneError('EZ_HASH_MISMATCH', `${file} cannot be unpacked: it is cut off or no bundle`, { cause: error })
  }
}

/** The entries of an extracted bundle, every one proven against its manifest before any is taken in. */
async function readBundle(file: string, folder: string, signal: AbortSignal) {
  const text = await readFile(join(folder, 'bundle.json'), 'utf8').catch(() => '{}')
  const bundle = bundleSchema.safeParse(parsed(text))
  if (!bundle.success) throw new EzoneError('EZ_USAGE', `${file} is no bundle of \`ezone servers pack\``)
  if (bundle.data.architecture !== process.arch) {
    const { architecture } = bundle.data
    throw new EzoneError('EZ_SERVER_UNAVAILABLE', `${file} is for ${architecture}; this machine is ${process.arch}`, {
      hint: 'Pack it on a machine of the same architecture.',
    })
  }
  const entries: { manifest: EntryManifest; folder: string }[] = []
  for (const { kind, folder: name } of bundle.data.entries) {
    const entry = join(folder, 'servers', kind, name)
    const manifest = manifestSchema.safeParse(
      parsed(await readFile(join(entry, 'manifest.json'), 'utf8').catch(() => '')),
    )
    if (!manifest.success || manifest.data.home.kind !== kind) throw mismatch(file, kind, 'it has no readable manifest')
    const [first] = await differences(join(entry, 'files'), manifest.data, { thorough: true, signal })
    if (first !== undefined) throw mismatch(file, kind, first)
    entries.push({ manifest: await withTimesOf(manifest.data, join(entry, 'files')), folder: entry })
  }
  return entries
}

const mismatch = (file: string, kind: ServerKind, why: string): EzoneError =>
  new EzoneError('EZ_HASH_MISMATCH', `the ${kind} in ${file} is not what was packed: ${why}`)

/** tar keeps whole seconds only: the cheap check needs the times the files have now. */
async function withTimesOf(manifest: EntryManifest, root: string): Promise<EntryManifest> {
  const files = Object.entries(manifest.files).map(
    async ([path, file]) => [path, { ...file, mtimeMs: (await lstat(join(root, path))).mtimeMs }] as const,
  )
  return { ...manifest, files: Object.fromEntries(await Promise.all(files)) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
