import { posix } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, type ServiceContext, truthPaths } from '@ezone/sdk'
import { type GlobalRole, makeGlobalRole } from '@ezone/sdk/dal'
import { ensurePath, watchNode, type Zookeeper, ZookeeperError } from '@ezone/sdk/zookeeper'
import { z } from 'zod'
import { limits } from './limits.ts'

const globalSchema = z.object({ master: z.string(), epoch: z.int() })

/** Makes the zone's server of the Global Zone what the truth says it is: the master, or a replica of it. */
export class GlobalKeeper {
  readonly #context: ServiceContext
  readonly #zone: string
  #master: string | undefined
  #role: GlobalRole | undefined
  #trouble = 'the truth has not been read yet'

  constructor(context: ServiceContext, zone: string, zookeeper: Zookeeper) {
    this.#context = context
    this.#zone = zone
    const { log, signal } = context
    watchNode(
      zookeeper,
      truthPaths.global,
      async (node) => {
        if (node === null) await this.#create(zookeeper)
        else this.#master = globalSchema.parse(JSON.parse(node.data.toString('utf8'))).master
      },
      { signal, onError: (error) => log.warn({ err: error }, 'the master of the Global Zone could not be read') },
    )
  }

  /** @throws EZ_NOT_READY until its role has been made once */
  requireRole(): void {
    if (this.#role === undefined)
      throw new EzoneError('EZ_NOT_READY', `the global MySQL of ${this.#zone} has no role yet: ${this.#trouble}`)
  }

  async run(): Promise<void> {
    const { signal } = this.#context
    for (let made: string | undefined; !signal.aborted; ) {
      const master = this.#master
      const settled = master !== undefined && (await this.#make(master))
      if (settled && made !== master)
        this.#context.log.info({ master, role: this.#role }, 'the global MySQL has its role')
      made = settled ? master : undefined
      await this.#pause(settled ? limits.roleMs : limits.roleRetryMs, master)
    }
  }

  /** False where it shall be tried again soon. */
  async #make(master: string): Promise<boolean> {
    const { config, signal, log } = this.#context
    const own = config.stores.global?.members[this.#zone]
    if (own === undefined) return true
    try {
      this.#role = await makeGlobalRole({ own, zone: this.#zone, master }, signal)
      this.#trouble = this.#role.trouble
      return this.#role.following
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error)
      if (trouble !== this.#trouble && !signal.aborted) log.warn({ err: error }, 'the global MySQL has not its role')
      this.#trouble = trouble
      return false
    }
  }

  /** Ends early when the master has changed. */
  async #pause(ms: number, master: string | undefined): Promise<void> {
    const { signal } = this.#context
    for (let left = ms; left > 0 && this.#master === master && !signal.aborted; left -= limits.roleRetryMs)
      await sleep(Math.min(left, limits.roleRetryMs), undefined, { signal, ref: false }).catch(() => {})
  }

  /** The first keeper to come writes what the topology asks for. */
  async #create(zookeeper: Zookeeper): Promise<void> {
    const master = this.#context.config.stores.global?.master
    if (master === undefined) return
    await ensurePath(zookeeper, posix.dirname(truthPaths.global))
    await zookeeper.create(truthPaths.global, JSON.stringify({ master, epoch: 1 })).catch((error: unknown) => {
      if (!ZookeeperError.is(error, 'NODE_EXISTS')) throw error
    })
  }
}
