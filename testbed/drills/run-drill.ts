import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { bounded } from './bounded.ts'
import { type DrillLimits, drillLimits } from './limits.ts'
import type { DrillParts, DrillStory, DrillVerdict, Recording, StepStory } from './parts.ts'
import type { Scenario, Step } from './schema.ts'
import { leaseOf, stepText } from './step-text.ts'
import { StopCondition } from './stop-condition.ts'
import { verdictOf } from './verdict.ts'

export interface RunOptions {
  readonly scenario: Scenario
  readonly parts: DrillParts
  readonly signal: AbortSignal
  readonly limits?: DrillLimits
  /** Told of each stage and step, for a person who waits. */
  readonly tell: (text: string) => void
}

/** How a drill that had begun came to its end. */
export interface DrillOutcome extends DrillStory, DrillVerdict {
  /** Path of the report's page; null where it could not be written. */
  readonly report: string | null
  /** The error of a fault that is not shown to be gone. */
  readonly notRemoved: EzoneError | null
  /** What is not where it was before the drill. */
  readonly left: string | null
}

/**
 * Runs a scenario: load, what is broken and moved meanwhile, and the judgement. Whatever fails on the way, and whoever
 * interrupts it: faults are removed, the load ends, what was seen is judged, and the report is written.
 * @throws only where nothing was begun
 */
export async function runDrill(options: RunOptions): Promise<DrillOutcome> {
  const { parts, signal, tell, limits = drillLimits } = options
  tell('looking whether the testbed is fit for it')
  await bounded('the look at the testbed', limits.readyMs, signal, parts.ready)
  const recording = await bounded('the begin of the load', limits.beginMs, signal, parts.begin)
  return await new DrillRun(options, recording).run()
}

class DrillRun {
  readonly #options: RunOptions
  readonly #limits: DrillLimits
  readonly #recording: Recording
  readonly #beganMs: number
  readonly #steps: StepStory[] = []
  readonly #obstacles: string[] = []
  #interrupted = false
  #notRemoved: EzoneError | null = null

  constructor(options: RunOptions, recording: Recording) {
    this.#options = options
    this.#limits = options.limits ?? drillLimits
    this.#recording = recording
    this.#beganMs = options.parts.clock.monotonicMs()
  }

  async run(): Promise<DrillOutcome> {
    const { parts, tell, scenario } = this.#options
    await this.#timeline()
    tell('removing what is left of the faults')
    await this.#heal()
    await this.#closing('the end of the load', this.#limits.endMs, (signal) => this.#recording.end(signal))
    if (!this.#interrupted) await this.#settle(scenario.settle)
    tell('reading what the zones have')
    await this.#closing('reading the zones', this.#limits.collectMs, (signal) =>
      this.#recording.collect(this.#interrupted, signal),
    )
    tell('judging')
    const judgement = await this.#closing('judging', this.#limits.judgeMs, parts.judge)
    const story: DrillStory = {
      steps: this.#steps,
      judgement,
      interrupted: this.#interrupted,
      obstacles: this.#obstacles,
    }
    const told = { story, verdict: verdictOf(story, scenario.allow.grade) }
    const report = await this.#closing('the report', this.#limits.reportMs, (signal) => parts.report(told, signal))
    // Judged again: that there is no report is an obstacle too.
    const verdict = verdictOf(story, scenario.allow.grade)
    return { ...story, ...verdict, report, notRemoved: this.#notRemoved, left: await this.#putBack() }
  }

  /** The load and the steps. What ends it early is an obstacle; faults are left to `#heal`. */
  async #timeline(): Promise<void> {
    const { scenario, parts, signal } = this.#options
    const stop = new AbortController()
    const during = AbortSignal.any([signal, stop.signal])
    const condition = new StopCondition(scenario.stop, parts.clock)
    const looking = setInterval(() => {
      const why = condition.look(this.#recording.progress())
      if (why !== null) stop.abort(new EzoneError('EZ_DRILL_UNKNOWN', why))
    }, this.#limits.lookMs)
    try {
      for (const step of scenario.timeline) await this.#step(step, during)
      await this.#until(scenario.load.for, during)
    } catch (error) {
      this.#interrupted = signal.aborted
      this.#obstacles.push(signal.aborted ? 'it was interrupted' : sentenceOf(error))
    } finally {
      clearInterval(looking)
    }
  }

  async #step(step: Step, signal: AbortSignal): Promise<void> {
    await this.#until(step.at, signal)
    const { tell } = this.#options
    const text = stepText(step)
    const atMs = this.#nowMs()
    tell(`${(atMs / 1000).toFixed(1)} s  ${text}`)
    const ended = (error: string | null) =>
      this.#steps.push({ text, wantedMs: step.at, atMs, endedMs: this.#nowMs(), error })
    try {
      await this.#deed(step, signal)
      ended(null)
    } catch (error) {
      ended(sentenceOf(error))
      throw error
    }
  }

  async #deed(step: Step, signal: AbortSignal): Promise<void> {
    const { parts, scenario } = this.#options
    const { fault, switch: wanted, failback, heal, settle } = step
    if (fault !== undefined) {
      const forMs = leaseOf(fault, { atMs: this.#nowMs(), loadMs: scenario.load.for })
      await bounded('putting in the fault', this.#limits.injectMs, signal, (s) => parts.inject(fault, forMs, s))
    }
    if (wanted !== undefined) await bounded('the switch', this.#limits.moveMs, signal, (s) => parts.move(wanted, s))
    if (failback !== undefined)
      await bounded('the failback', this.#limits.moveMs, signal, (s) => parts.failback(failback, s))
    if (heal !== undefined) await bounded('removing the faults', this.#limits.healMs, signal, parts.heal)
    if (settle !== undefined) {
      const behind = await bounded('settling', settle + this.#limits.slackMs, signal, (s) => parts.settle(settle, s))
      if (behind !== null) throw new EzoneError('EZ_WAIT_TIMEOUT', `the zones did not settle: ${behind}`)
    }
  }

  /** Never by the outer signal: whoever pressed Ctrl-C wants the faults gone. */
  async #heal(): Promise<void> {
    try {
      await bounded('removing the faults', this.#limits.healMs, null, this.#options.parts.heal)
    } catch (error) {
      const failure = EzoneError.is(error) ? error : null
      this.#notRemoved =
        failure?.code === 'EZ_FAULT_NOT_REMOVED'
          ? failure
          : new EzoneError('EZ_FAULT_NOT_REMOVED', `faults of the drill may be left: ${sentenceOf(error)}`, {
              cause: error,
            })
      this.#obstacles.push(this.#notRemoved.message)
    }
  }

  /** Zones that do not settle in time are no obstacle: it is the claims that say so. */
  async #settle(limitMs: number): Promise<void> {
    this.#options.tell('waiting until the zones have the same')
    const { signal } = this.#options
    const work = () =>
      bounded('settling', limitMs + this.#limits.slackMs, signal, (s) => this.#options.parts.settle(limitMs, s))
    const behind = await work().catch((error: unknown) => {
      this.#interrupted = signal.aborted
      this.#obstacles.push(signal.aborted ? 'it was interrupted' : sentenceOf(error))
      return null
    })
    if (behind !== null) this.#options.tell(`not settled: ${behind}`)
  }

  /** A stage after the load: bounded, and its failure is an obstacle and no end. */
  async #closing<T>(what: string, limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    try {
      return await bounded(what, limitMs, null, work)
    } catch (error) {
      this.#obstacles.push(`${what}: ${sentenceOf(error)}`)
      return null
    }
  }

  async #putBack(): Promise<string | null> {
    try {
      await bounded('putting back', this.#limits.putBackMs, this.#options.signal, this.#options.parts.putBack)
      return null
    } catch (error) {
      return sentenceOf(error)
    }
  }

  async #until(wantedMs: number, signal: AbortSignal): Promise<void> {
    const waitMs = wantedMs - this.#nowMs()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    signal.throwIfAborted()
  }

  #nowMs(): number {
    return Math.round(this.#options.parts.clock.monotonicMs() - this.#beganMs)
  }
}

const sentenceOf = (error: unknown): string =>
  EzoneError.is(error) ? `${error.code}: ${error.message}` : error instanceof Error ? error.message : String(error)
