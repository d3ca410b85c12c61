import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import { quoted } from '../session/ready.ts'
import type { Testbed } from '../session/testbed.ts'
import type { Zone } from '../topology/blueprint.ts'
import type { Ending, OnDevEvent } from './events.ts'
import { untilHealthy } from './health.ts'
import { Instance } from './instance.ts'
import { logText } from './log-text.ts'
import type { Project } from './project.ts'
import type { ZoneRegister } from './register.ts'
import { pauseMs } from './restarts.ts'
import type { Standing } from './spec.ts'

const healthyMs = 20_000
const linesShown = 12
/** SOA proxies watch the register. */
const heardMs = 200

export interface RunnerOptions {
  readonly testbed: Testbed
  readonly project: Project
  readonly zone: Zone
  readonly slot: number
  readonly register: ZoneRegister
  readonly addressOf: (standing: Standing) => Promise<Instance['address']>
  readonly clock: Clock
  readonly onEvent: OnDevEvent
  /** Whatever changes programs waits for its turn: one zone after the other. */
  readonly inTurn: (change: () => Promise<void>) => Promise<void>
  readonly signal: AbortSignal
}

/** A program that serves, and its entry in the register where it is we who made it. */
interface Serving {
  readonly program: Instance
  readonly entry: AsyncDisposable | null
}

/**
 * Keeps a service serving in one zone while it is being changed. A new program is started beside the old one, and the old
 * one ends when the new one serves: nobody who calls it notices, and a mistake in the new one takes nothing away.
 */
export class ZoneRunner implements AsyncDisposable {
  readonly #options: RunnerOptions
  readonly #stop = new AbortController()
  #serving: Serving | null = null
  #instance: 1 | 2 = 2
  #crashedAtMs: number[] = []

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  get zone(): string {
    return this.#options.zone.name
  }

  get address(): Instance['address'] | null {
    return this.#serving?.program.address ?? null
  }

  /** Has what is saved now serve. @throws EZ_SERVER_DIED, EZ_NOT_READY: then the one before it goes on */
  async renew(): Promise<void> {
    const { clock, onEvent, signal } = this.#options
    const startMs = clock.monotonicMs()
    const before = this.#serving
    const next = await this.#begin(AbortSignal.any([signal, this.#stop.signal]))
    this.#serving = next
    void next.program.ended.then((ending) => this.#ended(next, ending))
    const ms = Math.round(clock.monotonicMs() - startMs)
    onEvent({ type: 'serving', zone: this.zone, address: next.program.address, ms })
    if (before !== null) await end(before)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new EzoneError('EZ_INTERRUPTED', 'it was ended'))
    const last = this.#serving
    this.#serving = null
    if (last !== null) await end(last)
  }

  async #begin(signal: AbortSignal): Promise<Serving> {
    const { testbed, project, zone, slot, register, addressOf, onEvent } = this.#options
    const instance = this.#instance === 1 ? 2 : 1
    const standing = { project, zone, slot, instance } as const
    const address = await addressOf(standing)
    await using starting = new AsyncDisposableStack()
    const onLine = (text: string) => onEvent({ type: 'log', zone: zone.name, text })
    const program = starting.use(await Instance.start({ testbed, standing, address, onLine }))
    onEvent({ type: 'starting', zone: zone.name, pid: program.pid })
    await this.#healthy(program, signal)
    const entry = await register.known(standing, address, signal)
    // Only now: what was tried in vain leaves its number to the next try.
    this.#instance = instance
    starting.move()
    return { program, entry }
  }

  async #healthy(program: Instance, signal: AbortSignal): Promise<void> {
    const { project } = this.#options
    const settled = new AbortController()
    const late = AbortSignal.timeout(healthyMs)
    const asking = untilHealthy(program.address, project.health, AbortSignal.any([signal, late, settled.signal]))
    const first = await Promise.race([asking.then((said) => ({ said })), program.ended])
    settled.abort()
    signal.throwIfAborted()
    const hint = 'Its last lines are above.'
    const lines = quoted(program.lastLines.slice(-linesShown).map(logText))
    if (!('said' in first))
      throw new EzoneError(
        'EZ_SERVER_DIED',
        `${project.name} ended in ${this.zone} while it was starting (${endingText(first)})${lines}`,
        { hint },
      )
    if (first.said === null) return
    const asked = `GET ${project.health} said: ${first.said}`
    throw new EzoneError(
      'EZ_NOT_READY',
      `${project.name} did not become healthy in ${this.zone} within ${healthyMs / 1000} s (${asked})${lines}`,
      { hint },
    )
  }

  /** A program that serves has ended: asked to, or by itself. */
  async #ended(serving: Serving, ending: Ending): Promise<void> {
    const { onEvent } = this.#options
    if (serving.program.ending || this.#serving !== serving) return
    this.#serving = null
    const againInMs = this.#pause()
    const { lastLines } = serving.program
    onEvent({ type: 'crashed', zone: this.zone, ...ending, lastLines, againInMs })
    await end(serving).catch(() => undefined)
    await this.#again(againInMs)
  }

  async #again(first: number | null): Promise<void> {
    const { inTurn, onEvent } = this.#options
    const { signal } = this.#stop
    for (let pause = first; pause !== null; pause = this.#pause()) {
      await sleep(pause, undefined, { signal }).catch(() => undefined)
      // Something was saved meanwhile, and serves.
      if (signal.aborted || this.#serving !== null) return
      try {
        return await inTurn(async () => {
          if (this.#serving === null && !signal.aborted) await this.renew()
        })
      } catch (error) {
        if (signal.aborted || EzoneError.is(error, 'EZ_NO_TESTBED')) return
        onEvent({ type: 'kept', zone: this.zone, serving: false, why: (error as Error).message })
      }
    }
  }

  #pause(): number | null {
    const nowMs = this.#options.clock.monotonicMs()
    this.#crashedAtMs = [...this.#crashedAtMs, nowMs].slice(-10)
    return pauseMs(this.#crashedAtMs, nowMs)
  }
}

/** Out of the register first, and a moment later the program: by then nobody new is sent there. */
async function end({ program, entry }: Serving): Promise<void> {
  if (entry !== null) {
    await entry[Symbol.asyncDispose]()
    if (!program.ending) await sleep(heardMs)
  }
  await program[Symbol.asyncDispose]()
}

export const endingText = ({ exit, signal }: Ending): string => (signal === null ? `exit ${exit}` : `by ${signal}`)
