import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { SourceSetting } from '../topology/schema.ts'
import { type Entry, ServerCache } from './cache.ts'
import { type ChainLink, chainOf, defaultSources } from './chain.ts'
import type { ServerHome, ServerKind } from './home.ts'
import { kinds as facts } from './kinds.ts'
import { type EntryManifest, homeOf, isUsable } from './manifest.ts'
import { needRoom } from './room.ts'
import type { Ground, Source } from './source.ts'
import { survey } from './survey.ts'
import { differences } from './verify.ts'

export interface ProvideOptions {
  readonly cacheDir: string
  /** In the order they are asked; the cache comes before all of them. */
  readonly sources?: readonly SourceSetting[]
  readonly signal: AbortSignal
  /** Read every file of the cache instead of comparing sizes and times. */
  readonly verify?: boolean
  /** Environment that child programs carry, such as EZONE_TESTBED, so that they can be found again. */
  readonly marker?: Readonly<Record<string, string>>
  readonly report?: (event: ProvideEvent) => void
}

export interface ProvideEvent {
  readonly kind: ServerKind
  /** `refused`: a source could not help; `warning`: a cache entry was damaged and put aside. */
  readonly type: 'cached' | 'found' | 'progress' | 'installed' | 'refused' | 'warning'
  readonly source: string | null
  readonly text: string
}

/** An event in words, for whoever watches. */
export const describeEvent = ({ kind, type, source, text }: ProvideEvent): string =>
  type === 'warning' ? text : `${kind}: ${source === null || text.startsWith(source) ? text : `${text} (${source})`}`

/**
 * Makes sure that these servers are on this machine and says where: from the cache, or else from the first source that
 * has them, all kinds at the same time. Two processes that want the same server fetch it once.
 *
 * @throws EzoneError EZ_SERVER_UNAVAILABLE with every source's reason, EZ_CACHE_CORRUPT, EZ_HASH_MISMATCH, EZ_NO_DISK
 */
export async function provide(
  kinds: readonly ServerKind[],
  options: ProvideOptions,
): Promise<ReadonlyMap<ServerKind, ServerHome>> {
  const run = new Provision(options)
  const homes = await Promise.all(kinds.map(async (kind) => [kind, (await run.cached(kind)).home] as const))
  const found = new Map(homes.filter((pair): pair is [ServerKind, ServerHome] => pair[1] !== null))
  const missing = kinds.filter((kind) => !found.has(kind)).toSorted()
  if (missing.length > 0) for (const [kind, home] of await run.fetchAll(missing)) found.set(kind, home)
  return found
}

const tellWaitingAfterMs = 500

class Provision {
  readonly #options: ProvideOptions
  readonly #cache: ServerCache
  readonly #chain: readonly ChainLink[]

  constructor(options: ProvideOptions) {
    this.#options = options
    this.#cache = new ServerCache(options.cacheDir)
    this.#chain = chainOf(options.sources ?? defaultSources)
  }

  /** The cached server that the user's sources would give, and entries found damaged on the way. */
  async cached(kind: ServerKind): Promise<{ home: ServerHome | null; damaged: readonly [Entry, string][] }> {
    const damaged: [Entry, string][] = []
    for (const entry of await this.#cache.entriesOf(kind)) {
      const { manifest } = entry
      if (manifest === null) {
        damaged.push([entry, 'its manifest cannot be read'])
        continue
      }
      if (!isUsable(manifest) || !this.#mayUse(manifest)) continue
      const thorough = this.#options.verify ?? false
      const [first] = await differences(entry.root, manifest, { thorough, signal: this.#options.signal })
      if (first === undefined) {
        this.#report(kind, 'cached', manifest.home.source, manifest.home.version)
        return { home: homeOf(manifest, entry.root), damaged }
      }
      damaged.push([entry, first])
    }
    return { home: null, damaged }
  }

  /** Fetches all at once. Locks are taken in one order by everybody, so two runs cannot wait for one another. */
  async fetchAll(kinds: readonly ServerKind[]): Promise<readonly (readonly [ServerKind, ServerHome])[]> {
    await needRoom(
      this.#options.cacheDir,
      kinds.reduce((total, kind) => total + facts[kind].roomBytes, 0),
    )
    await using locks = new AsyncDisposableStack()
    const scratch = new Map<ServerKind, string>()
    for (const kind of kinds) scratch.set(kind, locks.use(await this.#locked(kind)).scratch)
    const shared = join(scratch.values().next().value ?? this.#options.cacheDir, 'shared')
    await mkdir(shared)
    // All come to an end before the first failure is told: what was fetched well need not be fetched again.
    const results = await Promise.allSettled(
      [...scratch].map(
        async ([kind, folder]) => [kind, await this.#fetch(kind, kinds, join(folder, 'files'), shared)] as const,
      ),
    )
    this.#options.signal.throwIfAborted()
    const failed = results.filter((result) => result.status === 'rejected').map((result) => result.reason)
    if (failed.length > 0) throw failed.length === 1 ? failed[0] : several(failed)
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }

  /** The lock of a kind; says so where another run has it for longer than a moment. */
  async #locked(kind: ServerKind) {
    using stack = new DisposableStack()
    const tell = () => this.#report(kind, 'progress', null, 'waiting for another ezone that installs it')
    const timer = stack.adopt(setTimeout(tell, tellWaitingAfterMs), clearTimeout)
    timer.unref()
    return await this.#cache.lock(kind, this.#options.signal)
  }

  async #fetch(kind: ServerKind, wanted: readonly ServerKind[], into: string, scratch: string): Promise<ServerHome> {
    // Somebody else may have installed it while we waited for the lock.
    const { home, damaged } = await this.cached(kind)
    if (home !== null) return home
    for (const [entry, why] of damaged) {
      const aside = await this.#cache.quarantine(entry)
      this.#report(kind, 'warning', null, `the ${kind} in the cache is damaged: ${why}; put aside as ${aside}`)
    }
    const reasons = await this.#passedOver(kind)
    for (const link of this.#chain) {
      const offering = link.sources.filter((source) => source.offers(kind))
      if (offering.length === 0) reasons.push(new Error(`${link.name}: has no ${kind}`))
      for (const source of offering) {
        const got = await this.#tryOne(source, kind, into, { scratch, wanted })
        if (!(got instanceof Error)) return got
        reasons.push(got)
      }
    }
    throw unavailable(kind, reasons, damaged.map(([, why]) => why)[0])
  }

  /** Asks one source; its reason for failing comes back as a value, so that none can get lost. */
  async #tryOne(
    source: Source,
    kind: ServerKind,
    into: string,
    { scratch, wanted }: Pick<Ground, 'scratch' | 'wanted'>,
  ): Promise<ServerHome | Error> {
    const { signal, marker = {} } = this.#options
    try {
      const obstacle = await source.obstacle(signal)
      if (obstacle !== null) throw new Error(obstacle)
      await rm(into, { recursive: true, force: true })
      await mkdir(into)
      const report = (text: string) => this.#report(kind, 'progress', source.name, text)
      const found = await source.fetch(kind, into, { scratch, wanted, marker, signal, report })
      if (!found.files) {
        this.#report(kind, 'found', source.name, `${found.home.version} in ${found.home.root}`)
        return found.home
      }
      const entry = await this.#cache.install(await survey(kind, into, source.name, signal), signal)
      if (entry.manifest === null) throw new TypeError('install returns its manifest')
      this.#report(kind, 'installed', source.name, entry.manifest.home.version)
      return homeOf(entry.manifest, entry.root)
    } catch (error) {
      signal.throwIfAborted()
      // A wrong hash is nothing that the next source should paper over.
      if (EzoneError.is(error, 'EZ_HASH_MISMATCH')) throw error
      const reason = new Error(`${source.name}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
      this.#report(kind, 'refused', source.name, reason.message)
      return reason
    }
  }

  /** A cached server counts only where the user's sources could have given it. */
  #mayUse({ home: { kind, source } }: EntryManifest): boolean {
    return this.#chain.some((link) => link.sources.some((one) => one.name === source && one.offers(kind)))
  }

  /** Why the cache does not answer although it has such a server; nothing where it has none. */
  async #passedOver(kind: ServerKind): Promise<Error[]> {
    const entries = await this.#cache.entriesOf(kind)
    return entries.flatMap(({ manifest }) =>
      manifest !== null && isUsable(manifest) && !this.#mayUse(manifest)
        ? [
            new Error(
              `cache: has ${kind} ${manifest.home.version} from ${manifest.home.source}, which is not among the sources`,
            ),
          ]
        : [],
    )
  }

  #report(kind: ServerKind, type: ProvideEvent['type'], source: string | null, text: string): void {
    this.#options.report?.({ kind, type, source, text })
  }
}

function unavailable(kind: ServerKind, reasons: readonly Error[], damage: string | undefined): EzoneError {
  const cause = new AggregateError(reasons, `no source has ${kind}`)
  const wants = `${kind} ${facts[kind].wants}`
  return damage === undefined
    ? new EzoneError('EZ_SERVER_UNAVAILABLE', `no source could give ${wants}`, { cause })
    : new EzoneError(
        'EZ_CACHE_CORRUPT',
        `the ${kind} in the cache is damaged (${damage}), and no source could give ${wants}`,
        { cause },
      )
}

/** Several servers failed: one error that still names every reason. */
function several(errors: readonly unknown[]): EzoneError {
  const first = errors.find((error) => EzoneError.is(error))
  if (first === undefined) throw new AggregateError(errors, 'servers could not be fetched')
  const texts = errors.map((error) => (error instanceof Error ? error.message : String(error)))
  const reasons = errors.flatMap((error) =>
    error instanceof Error && error.cause instanceof AggregateError ? error.cause.errors : [error],
  )
  return new EzoneError(first.code, texts.join('; '), { cause: new AggregateError(reasons) })
}
