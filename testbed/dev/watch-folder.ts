import { type FSWatcher, watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Editors write a file in several steps, and a checkout many files. */
const settleMs = 200
const foldersMax = 1_000

/** What a program makes while it runs, and what nobody edits. */
const skipped = /^([.].*|node_modules|__pycache__|coverage|.*([.](log|pyc|sw[a-z]|tmp)|~))$/

export const isWatched = (name: string): boolean => !skipped.test(name)

export interface FolderWatchOptions {
  /** Paths in the folder that were written, made or removed, once they rest. */
  readonly onChange: (files: readonly string[]) => void
  /** Part of the folder cannot be watched, and why. */
  readonly onTrouble: (text: string) => void
}

/** Watches a folder and those in it, one by one: what is skipped costs nothing, and a new folder is found. */
export class FolderWatch implements Disposable {
  readonly #root: string
  readonly #options: FolderWatchOptions
  readonly #watched = new Map<string, FSWatcher>()
  readonly #changed = new Set<string>()
  #settling: NodeJS.Timeout | undefined
  #troubled = false
  #ended = false

  private constructor(root: string, options: FolderWatchOptions) {
    this.#root = root
    this.#options = options
  }

  /** Resolves when every folder there is is watched. */
  static async start(root: string, options: FolderWatchOptions): Promise<FolderWatch> {
    const own = new FolderWatch(root, options)
    await own.#add(root)
    return own
  }

  [Symbol.dispose](): void {
    this.#ended = true
    clearTimeout(this.#settling)
    for (const watcher of this.#watched.values()) watcher.close()
    this.#watched.clear()
  }

  async #add(folder: string): Promise<void> {
    if (this.#ended || this.#watched.has(folder)) return
    if (this.#watched.size >= foldersMax) return this.#trouble(`only ${foldersMax} of its folders are watched`)
    try {
      const watcher = watch(folder, (_, name) => this.#saw(folder, name))
      // It was removed, most likely; the folder above has told that.
      watcher.on('error', () => this.#drop(folder))
      this.#watched.set(folder, watcher)
    } catch (error) {
      return this.#trouble(`${folder} cannot be watched: ${(error as Error).message}`)
    }
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    const folders = entries.filter((entry) => entry.isDirectory() && isWatched(entry.name))
    await Promise.all(folders.map((entry) => this.#add(join(folder, entry.name))))
  }

  #saw(folder: string, name: string | null): void {
    if (this.#ended || name === null || !isWatched(name)) return
    const path = join(folder, name)
    this.#changed.add(relative(this.#root, path))
    void readdir(path).then(
      () => this.#add(path),
      () => this.#drop(path),
    )
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => this.#tell(), settleMs)
  }

  #tell(): void {
    const files = [...this.#changed].sort()
    this.#changed.clear()
    this.#options.onChange(files)
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.close()
    this.#watched.delete(folder)
  }

  /** Told once: the next one would be the same. */
  #trouble(text: string): void {
    if (!this.#troubled) this.#options.onTrouble(text)
    this.#troubled = true
  }
}
