import type { CredentialsOf } from './measure.ts'
import { answering, PathProbe, patienceMs, silenceMs } from './path-probe.ts'
import type { Path } from './paths.ts'
import type { LinkState } from './reading.ts'
import type { Direction } from './wanted.ts'

/** What was asked of paths, and which of them contradict what was to be shown. */
export interface PathProof {
  readonly proven: boolean
  readonly samples: number
  readonly against: readonly Path[]
}

const healMs = 10_000

/**
 * The paths of some links, watched through a fault. Only paths that answered before can show anything: one that was silent
 * already shows neither effect nor removal.
 */
export class LinkWatch implements AsyncDisposable {
  readonly #probes: readonly PathProbe[]
  readonly #within: readonly Path[]
  readonly #credentialsOf: CredentialsOf

  /** @param paths all paths of the testbed; those of the links are watched, the others tell whether a target lives */
  constructor(links: readonly string[], paths: readonly Path[], credentialsOf: CredentialsOf) {
    this.#probes = paths
      .filter((path) => path.link !== null && links.includes(path.link))
      .map((path) => new PathProbe(path, credentialsOf))
    this.#within = paths.filter((path) => path.link === null)
    this.#credentialsOf = credentialsOf
  }

  /** Those of its paths that answer now. */
  async answering(signal: AbortSignal): Promise<readonly Path[]> {
    return (
      await answering(this.#probes, Math.max(0, ...this.#probes.map(({ path }) => patienceMs(path))), signal)
    ).map(({ path }) => path)
  }

  /** A cut, one way or both, leaves every question without an answer: on the connection there is, or on a new one. */
  async silent(baseline: (path: Path) => boolean, signal: AbortSignal): Promise<PathProof> {
    const asked = this.#probes.filter(({ path }) => baseline(path))
    const quietMs = Math.max(0, ...asked.map(({ path }) => silenceMs(path)))
    const against = (await answering(asked, quietMs, signal)).map(({ path }) => path)
    return { proven: asked.length > 0 && against.length === 0, samples: asked.length, against }
  }

  /** All answer again; one whose target does not even answer within its own place is left out. */
  async back(baseline: (path: Path) => boolean, signal: AbortSignal): Promise<PathProof> {
    const asked = this.#probes.filter(({ path }) => baseline(path))
    const answered = await answering(asked, healMs, signal)
    const silent = asked.filter((probe) => !answered.includes(probe)).map(({ path }) => path)
    const lives = await Promise.all(silent.map((path) => this.#lives(path, signal)))
    const against = silent.filter((_, index) => lives[index])
    return { proven: answered.length > 0 && against.length === 0, samples: answered.length, against }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#probes.map((probe) => probe[Symbol.asyncDispose]()))
  }

  async #lives(path: Path, signal: AbortSignal): Promise<boolean> {
    const own = this.#within.find((other) => other.target === path.target)
    // A target without a path of its own place cannot be excused.
    if (own === undefined) return true
    await using probe = new PathProbe(own, this.#credentialsOf)
    return probe.answers(patienceMs(own), signal)
  }
}

/** What a link must read as while these cuts are in force. Pure. */
export function expectedState(cuts: readonly { readonly direction: Direction | null }[]): LinkState {
  const ways = new Set(
    cuts.flatMap(({ direction }) => (direction === null ? ['both'] : [`${direction.from}:${direction.to}`])),
  )
  const [first] = ways
  if (first === undefined) return 'open'
  return ways.has('both') || ways.size > 1 ? 'cut' : (`cut ${first}` as LinkState)
}
