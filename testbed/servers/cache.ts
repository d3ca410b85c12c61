import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '@ezone/sdk/clock'
import { type ServerHome, type ServerKind, serverKinds } from './home.ts'
import { lockFile } from './lock.ts'
import { type EntryManifest, manifestSchema } from './manifest.ts'
import { record } from './verify.ts'

/** One server in the cache. `manifest` is null where that file cannot be read: then the entry is worth nothing. */
export interface Entry {
  readonly kind: ServerKind
  readonly folder: string
  readonly root: string
  readonly manifest: EntryManifest | null
}

/**
 * The folder with servers that all testbeds of a user share:
 *
 *   servers/<kind>/<version>-<hash of its source>/manifest.json   what it is, with the hash of every file
 *                                                 files/          the server
 *   quarantine/<kind>-<time>   entries that were not what they should be
 *   scratch/<kind>             downloads and half-made entries: belongs to whoever holds the lock of that kind
 *   locks/<kind>               held while installing; `bundle` while packing or unpacking one
 *
 * An entry appears by one rename, so it is there whole or not at all.
 */
export class ServerCache {
  readonly folder: string
  readonly #clock: Clock

  constructor(folder: string, clock: Clock = systemClock) {
    this.folder = folder
    this.#clock = clock
  }

  async entries(): Promise<readonly Entry[]> {
    return (await Promise.all(serverKinds.map((kind) => this.entriesOf(kind)))).flat()
  }

  /** Newest first. */
  async entriesOf(kind: ServerKind): Promise<readonly Entry[]> {
    const above = join(this.folder, 'servers', kind)
    const names = await readdir(above).catch(nothingThere)
    const entries = await Promise.all(names.map((name) => readEntry(kind, join(above, name))))
    return entries.toSorted((a, b) => (b.manifest?.installedAtMs ?? 0) - (a.manifest?.installedAtMs ?? 0))
  }

  /** The right to install this kind, shared with no other process; comes with an empty scratch folder. */
  async lock(
    kind: ServerKind | 'bundle',
    signal: AbortSignal,
  ): Promise<AsyncDisposable & { readonly scratch: string }> {
    const held = await lockFile(join(this.folder, 'locks', kind), signal)
    const scratch = join(this.folder, 'scratch', kind)
    const empty = () => rm(scratch, { recursive: true, force: true, maxRetries: 3 })
    try {
      // Whatever lies here was left by a run that was killed: the lock proves that nobody works on it.
      await empty()
      await mkdir(scratch, { recursive: true })
    } catch (error) {
      await held[Symbol.asyncDispose]()
      throw error
    }
    return {
      scratch,
      async [Symbol.asyncDispose]() {
        try {
          await empty()
        } finally {
          await held[Symbol.asyncDispose]()
        }
      },
    }
  }

  /** Takes the folder `home.root` (inside a scratch folder) into the cache. The caller holds the lock. */
  async install(home: ServerHome, signal: AbortSignal): Promise<Entry> {
    const { root, ...described } = home
    const manifest: EntryManifest = manifestSchema.parse({
      format: 1,
      architecture: process.arch,
      installedAtMs: this.#clock.nowMs(),
      home: described,
      ...(await record(root, signal)),
    })
    return this.adopt(manifest, root)
  }

  /** The last step of install and of unpack: the manifest is true, `files` moves in with one rename. */
  async adopt(manifest: EntryManifest, files: string): Promise<Entry> {
    const half = `${files}.entry`
    await mkdir(half)
    await rename(files, join(half, 'files'))
    await writeFile(join(half, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`)
    const folder = this.folderOf(manifest)
    await mkdir(dirname(folder), { recursive: true })
    await rm(folder, { recursive: true, force: true })
    await rename(half, folder)
    return { kind: manifest.home.kind, folder, root: join(folder, 'files'), manifest }
  }

  folderOf(manifest: EntryManifest): string {
    const source = createHash('sha256').update(`${manifest.home.source} ${manifest.architecture}`).digest('hex')
    return join(this.folder, 'servers', manifest.home.kind, `${manifest.home.version}-${source.slice(0, 8)}`)
  }

  /** Puts a damaged entry aside, where nobody starts it and somebody can look at it. The caller holds the lock. */
  async quarantine(entry: Entry): Promise<string> {
    const aside = join(this.folder, 'quarantine', `${entry.kind}-${this.#clock.nowMs()}`)
    await mkdir(dirname(aside), { recursive: true })
    await rename(entry.folder, aside)
    return aside
  }

  async quarantined(): Promise<readonly string[]> {
    const above = join(this.folder, 'quarantine')
    return (await readdir(above).catch(nothingThere)).map((name) => join(above, name))
  }
}

async function readEntry(kind: ServerKind, folder: string): Promise<Entry> {
  const root = join(folder, 'files')
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
    return { kind, folder, root, manifest: manifest.home.kind === kind ? manifest : null }
  } catch {
    return { kind, folder, root, manifest: null }
  }
}

/** An absent folder holds nothing; any other trouble with it is trouble. */
export function nothingThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
