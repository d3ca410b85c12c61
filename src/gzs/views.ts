import { type Clock, type ServiceContext, truthPaths } from '@ezone/sdk'
import { ensurePath, type NodeWatch, watchTree, type Zookeeper, ZookeeperError } from '@ezone/sdk/zookeeper'
import { z } from 'zod'
import type { View } from './detect.ts'

const recordSchema = z.object({
  place: z.string(),
  zones: z.record(z.string(), z.object({ up: z.boolean(), forMs: z.number() })),
})
type ViewRecord = z.output<typeof recordSchema>

/** What every place sees of the zones, in the truth: one node per GZS, gone with its session. */
export class Views implements AsyncDisposable {
  readonly #zookeeper: Zookeeper
  readonly #clock: Clock
  readonly #watch: NodeWatch
  #held: readonly { readonly record: ViewRecord; readonly key: string; readonly atMs: number }[] = []

  constructor(zookeeper: Zookeeper, { clock, signal, log }: Pick<ServiceContext, 'clock' | 'signal' | 'log'>) {
    this.#zookeeper = zookeeper
    this.#clock = clock
    this.#watch = watchTree(
      zookeeper,
      truthPaths.views,
      (tree) => {
        const nodes = [...tree].filter(([path]) => path !== truthPaths.views)
        this.#held = nodes.map(([path, { data, stat }]) => {
          const key = `${path} ${stat.mzxid}`
          // Aged by our own clock, from when we first saw it: those of two places may differ.
          const atMs = this.#held.find((held) => held.key === key)?.atMs ?? clock.monotonicMs()
          return { record: recordSchema.parse(JSON.parse(data.toString('utf8'))), key, atMs }
        })
      },
      { signal, onError: (error) => log.warn({ err: error }, 'what other places see could not be read') },
    )
  }

  get all(): readonly View[] {
    const nowMs = this.#clock.monotonicMs()
    return this.#held.map(({ record, atMs }) => ({ ...record, ageMs: nowMs - atMs }))
  }

  /** @throws ZookeeperError */
  async write(name: string, record: ViewRecord): Promise<void> {
    const path = `${truthPaths.views}/${name}`
    const text = JSON.stringify(record)
    try {
      await this.#zookeeper.setData(path, text)
    } catch (error) {
      if (!ZookeeperError.is(error, 'NO_NODE')) throw error
      await ensurePath(this.#zookeeper, truthPaths.views)
      await this.#zookeeper.create(path, text, { mode: 'ephemeral' })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
  }
}
