import { limits } from './limits.ts'
import { tellAll } from './listeners.ts'
import { isWithin } from './paths.ts'
import type { WatchMode } from './protocol.ts'
import { setWatchesFrame } from './records.ts'
import type { WatchEvent } from './types.ts'

type Listener = (event: WatchEvent) => void

/** The watches that shall stand at the server, and who listens. All are persistent: they fire until they are removed. */
export class Watches {
  readonly #listeners: Readonly<Record<WatchMode, Map<string, Set<Listener>>>> = {
    persistent: new Map(),
    recursive: new Map(),
  }

  add(path: string, mode: WatchMode, listener: Listener): void {
    const known = this.#listeners[mode].get(path)
    if (known === undefined) this.#listeners[mode].set(path, new Set([listener]))
    else known.add(listener)
  }

  /** True where nobody else listens there any more, so that the server may forget it. */
  remove(path: string, mode: WatchMode, listener: Listener): boolean {
    const known = this.#listeners[mode].get(path)
    if (known === undefined || !known.delete(listener) || known.size > 0) return false
    return this.#listeners[mode].delete(path)
  }

  /**
   * The server sends one event even where a path has watches of both modes. A recursive watch never fires for a list of
   * children: the child's own creation or deletion says the same.
   */
  dispatch(event: WatchEvent): void {
    const heard = [...(this.#listeners.persistent.get(event.path) ?? [])]
    if (event.type !== 'children')
      for (const [root, listeners] of this.#listeners.recursive)
        if (isWithin(event.path, root)) heard.push(...listeners)
    tellAll(heard, event)
  }

  /** What sets all of them again on a new connection, in pieces that a server takes. */
  frames(lastZxid: bigint): readonly Buffer[] {
    const wanted = (['persistent', 'recursive'] as const).flatMap((mode) =>
      [...this.#listeners[mode].keys()].map((path) => ({ mode, path })),
    )
    return piecesOf(wanted).map((piece) => {
      const paths = (mode: WatchMode) => piece.filter((watch) => watch.mode === mode).map(({ path }) => path)
      return setWatchesFrame(lastZxid, { persistent: paths('persistent'), recursive: paths('recursive') })
    })
  }
}

function piecesOf<T extends { readonly path: string }>(watches: readonly T[]): readonly (readonly T[])[] {
  const pieces: T[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const watch of watches) {
    bytes += Buffer.byteLength(watch.path) + 4
    if (bytes > limits.watchBytesMax) {
      pieces.push([])
      bytes = Buffer.byteLength(watch.path) + 4
    }
    pieces.at(-1)?.push(watch)
  }
  return pieces
}
