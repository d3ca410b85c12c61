import { setTimeout as sleep } from 'node:timers/promises'
import type { CheckGround, Side } from './ground.ts'
import { isDone, type Told } from './service-client.ts'

const everyMs = 50

interface Written extends Told {
  readonly side: Side
  readonly key: string
}

/** Clients that write to every zone, one request after the other, until they are ended. */
export class Writers {
  readonly #stop = new AbortController()
  readonly #running: Promise<unknown>
  readonly #written: Written[] = []

  constructor({ client, sides, key, signal }: CheckGround) {
    const stop = AbortSignal.any([signal, this.#stop.signal])
    this.#running = Promise.all(
      sides.map(async (side) => {
        while (!stop.aborted) {
          const own = key()
          const told = await client.write(side.tag, own)
          this.#written.push({ ...told, side, key: own })
          await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined)
        }
      }),
    )
    // What ended one of them is told by `end`.
    this.#running.catch(() => undefined)
  }

  get acknowledged(): readonly Written[] {
    return this.#written.filter(isDone)
  }

  get failed(): readonly Written[] {
    return this.#written.filter((one) => !isDone(one))
  }

  get asked(): number {
    return this.#written.length
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}

/** Of what was acknowledged, what cannot be read where its shard is served now. */
export async function unread(
  { client }: CheckGround,
  written: readonly Written[],
): Promise<readonly (Written & { readonly read: Told })[]> {
  const missing: (Written & { readonly read: Told })[] = []
  for (const one of written) {
    let read = await client.read(one.side.tag, one.id ?? '')
    // A shard that has just moved may still be settling.
    for (let left = 5; read.status !== 200 && left > 0; left--) {
      await sleep(200)
      read = await client.read(one.side.tag, one.id ?? '')
    }
    if (read.status !== 200) missing.push({ ...one, read })
    // One is enough to tell; a few more show whether it was one.
    if (missing.length === 3) break
  }
  return missing
}
