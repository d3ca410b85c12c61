import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address, Clock } from '@ezone/sdk/model'
import type { Testbed } from '../session/testbed.ts'
import type { Zone } from '../topology/blueprint.ts'
import type { OnDevEvent } from './events.ts'
import { freePort } from './free-port.ts'
import { endOf } from './instance.ts'
import type { Project } from './project.ts'
import { ZoneRegister } from './register.ts'
import { devFolder, takeSlot } from './slots.ts'
import { addressOf, readMark, type Standing } from './spec.ts'
import { ZoneRunner } from './zone-runner.ts'

const lookEveryMs = 1_000

export interface RunningDevOptions {
  readonly testbed: Testbed
  readonly project: Project
  readonly zones: readonly Zone[]
  readonly clock: Clock
  readonly onEvent: OnDevEvent
  /** Ends the start; what runs is ended by disposing. */
  readonly signal: AbortSignal
}

/** A service that serves in zones of a running testbed. Disposed, nothing of it is left there but its tables. */
export class RunningDev implements AsyncDisposable {
  readonly #options: RunningDevOptions
  readonly #runners: readonly ZoneRunner[]
  readonly #registers: readonly ZoneRegister[]
  readonly #owned: AsyncDisposableStack
  readonly #inTurn: InTurn

  private constructor(
    options: RunningDevOptions,
    parts: {
      readonly runners: readonly ZoneRunner[]
      readonly registers: readonly ZoneRegister[]
      readonly owned: AsyncDisposableStack
      readonly inTurn: InTurn
    },
  ) {
    this.#options = options
    this.#runners = parts.runners
    this.#registers = parts.registers
    this.#owned = parts.owned
    this.#inTurn = parts.inTurn
  }

  /** @throws EZ_DEV_RUNNING, EZ_PORT_TAKEN, EZ_SERVER_DIED, EZ_NOT_READY: then nothing of it is left */
  static async start(options: RunningDevOptions): Promise<RunningDev> {
    const { testbed, project, zones, clock, onEvent, signal } = options
    await using starting = new AsyncDisposableStack()
    const slot = starting.use(await takeSlot(testbed.folder, project.name))
    // What a killed `ezone dev` left behind: it was the one of its name, so nobody else needs it.
    await endOf(testbed.record.id, (mark) => readMark(mark)?.name === project.name)
    starting.defer(() => rm(join(devFolder(testbed.folder), project.name), { recursive: true, force: true }))
    const failed = new AbortController()
    const inTurn = turns()
    const parts = zones.map((zone) => {
      const register = starting.use(new ZoneRegister(testbed, zone.name))
      const common = { testbed, project, zone, clock, onEvent, register, inTurn, slot: slot.number }
      const anyEnd = AbortSignal.any([signal, failed.signal])
      const runner = new ZoneRunner({ ...common, addressOf: addresses(testbed), signal: anyEnd })
      return { register, runner: starting.use(runner) }
    })
    const runners = parts.map(({ runner }) => runner)
    // All at once: their tables must be there in every zone before a row of one travels to another.
    const begun = await Promise.allSettled(
      runners.map((runner) =>
        runner.renew().catch((error: unknown) => {
          failed.abort(error)
          throw error
        }),
      ),
    )
    if (begun.some(({ status }) => status === 'rejected')) throw failed.signal.reason
    const registers = parts.map(({ register }) => register)
    return new RunningDev(options, { runners, registers, owned: starting.move(), inTurn })
  }

  /** Where it serves now; a zone where it has crashed is missing. */
  get serving(): readonly { readonly zone: string; readonly address: Address }[] {
    return this.#runners.flatMap(({ zone, address }) => (address === null ? [] : [{ zone, address }]))
  }

  /** Classes it has registered itself with that are not the one its project names. */
  get otherClasses(): readonly string[] {
    const { name, class: own } = this.#options.project
    const all = this.#registers.map((register) => register.classOf(name))
    return [...new Set(all.flatMap((one) => (one === undefined || one === own ? [] : [one])))]
  }

  /**
   * Has what is saved now serve, one zone after the other. A zone in which it does not come to serve ends the round: the
   * others go on with what they have.
   */
  renew(): Promise<void> {
    return this.#inTurn(async () => {
      for (const runner of this.#runners) {
        try {
          await runner.renew()
        } catch (error) {
          const serving = runner.address !== null
          this.#options.onEvent({ type: 'kept', zone: runner.zone, serving, why: (error as Error).message })
          return
        }
      }
    })
  }

  /** Resolves when the signal is aborted. @throws EZ_NO_TESTBED where the testbed was taken down meanwhile */
  async untilEnd(signal: AbortSignal): Promise<void> {
    const { name, folder } = this.#options.testbed
    while (!signal.aborted) {
      if (!(await exists(join(folder, 'id'))))
        throw new EzoneError('EZ_NO_TESTBED', `testbed ${name} was taken down, and the service with it`)
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync()
  }
}

type InTurn = (change: () => Promise<void>) => Promise<void>

function turns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (change) => {
    const mine = last.then(change)
    last = mine.catch(() => undefined)
    return mine
  }
}

const addresses =
  ({ record, blueprint }: Testbed) =>
  async (standing: Standing): Promise<Address> =>
    record.mode === 'ports' ? { host: '127.0.0.1', port: await freePort() } : addressOf(blueprint, standing)

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
