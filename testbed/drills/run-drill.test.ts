import { EzoneError } from '@ezone/sdk/errors'
import { systemClock } from '@ezone/sdk/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClaimResult, Verdict } from '../checks/claim.ts'
import type { Grade } from '../checks/grade.ts'
import type { DrillJudgement, DrillParts } from './parts.ts'
import { runDrill } from './run-drill.ts'
import { type Scenario, scenarioSchema } from './schema.ts'
import { requireValid } from './verdict.ts'

const stages = [
  'ready',
  'begin',
  'inject',
  'move',
  'heal',
  'settle',
  'end',
  'collect',
  'judge',
  'report',
  'putBack',
] as const
type Stage = (typeof stages)[number]
/** `late` never ends, and does not hear its signal. */
type Trouble = 'throws' | 'late' | 'interrupt'

const limitMs = 15
const limits = {
  ...{ readyMs: limitMs, beginMs: limitMs, injectMs: limitMs, moveMs: limitMs, healMs: limitMs, endMs: limitMs },
  ...{ collectMs: limitMs, judgeMs: limitMs, reportMs: limitMs, putBackMs: limitMs, slackMs: limitMs, lookMs: 2 },
}

const scenario = (more: object = {}): Scenario =>
  scenarioSchema.parse({
    name: 'mine',
    title: 't',
    hypothesis: 'h',
    load: { for: '9ms' },
    timeline: [
      { at: '1ms', fault: { kind: 'isolate', target: 'sh' } },
      { at: '2ms', switch: { from: 'sh', to: 'bj', mode: 'hard' } },
      { at: '3ms', heal: 'all' },
      { at: '4ms', fault: { kind: 'power-loss', target: 'sh' } },
      { at: '5ms', settle: '1ms' },
    ],
    settle: '1ms',
    ...more,
  })

const claim = (verdict: Verdict): ClaimResult => ({
  name: 'no-order-lost',
  verdict,
  statement: 'no order is lost',
  checked: 1,
  counterexample: verdict === 'invalid' ? 'order 7 is gone' : null,
  why: verdict === 'unknown' ? 'no order was seen' : null,
  ids: [],
})

const measures = {} as DrillJudgement['measures']

/** Parts that note what they were asked for, and fail where they are told to. */
class World {
  readonly asked: Stage[] = []
  readonly interrupt = new AbortController()
  readonly #trouble: Partial<Record<Stage, Trouble>>
  readonly #claims: readonly ClaimResult[]
  readonly #grade: Grade
  /** Faults that are in force. */
  faults = 0
  interruptedAs: boolean | null = null
  progress = { ok: 1, failed: 0, unknown: 0 }

  constructor(trouble: Partial<Record<Stage, Trouble>> = {}, claims = [claim('valid')], grade: Grade = 'P5') {
    this.#trouble = trouble
    this.#claims = claims
    this.#grade = grade
  }

  async #ask(stage: Stage): Promise<void> {
    this.asked.push(stage)
    const trouble = this.#trouble[stage]
    if (trouble === 'late') await new Promise(() => undefined)
    if (trouble === 'interrupt') this.interrupt.abort(new EzoneError('EZ_INTERRUPTED', 'interrupted'))
    if (trouble === 'throws') throw new Error(`${stage} breaks`)
  }

  readonly parts: DrillParts = {
    clock: systemClock,
    ready: () => this.#ask('ready'),
    begin: async () => {
      await this.#ask('begin')
      return {
        progress: () => this.progress,
        end: () => this.#ask('end'),
        collect: async (interrupted) => {
          this.interruptedAs = interrupted
          await this.#ask('collect')
        },
      }
    },
    inject: async () => {
      this.faults++
      await this.#ask('inject')
    },
    heal: async () => {
      await this.#ask('heal')
      this.faults = 0
    },
    move: () => this.#ask('move'),
    failback: () => this.#ask('move'),
    settle: async () => {
      await this.#ask('settle')
      return null
    },
    putBack: () => this.#ask('putBack'),
    judge: async () => {
      await this.#ask('judge')
      return { claims: this.#claims, grade: this.#grade, measures }
    },
    report: async () => {
      await this.#ask('report')
      return 'report.html'
    },
  }

  readonly run = (of: Scenario = scenario()) =>
    runDrill({ scenario: of, parts: this.parts, signal: this.interrupt.signal, limits, tell: () => undefined })
}

const exitOf = (require: () => void): number => {
  try {
    require()
    return 0
  } catch (error) {
    if (!EzoneError.is(error)) throw error
    return error.oclif.exit
  }
}

const judge = async (world: World, of = scenario()) => {
  const outcome = await world.run(of)
  const { verdict, why } = outcome
  return { outcome, verdict, why, exit: exitOf(() => requireValid({ ...outcome, drill: 'mine' })) }
}

describe('a drill in which nothing goes wrong', () => {
  it('does every step in order, and is valid', async () => {
    const world = new World()
    const { outcome, verdict, exit } = await judge(world)
    expect(world.asked).toEqual([
      ...['ready', 'begin', 'inject', 'move', 'heal', 'inject', 'settle'],
      ...['heal', 'end', 'settle', 'collect', 'judge', 'report', 'putBack'],
    ])
    expect({ verdict, exit, obstacles: outcome.obstacles }).toEqual({ verdict: 'valid', exit: 0, obstacles: [] })
    expect(outcome.steps.map(({ text, error }) => ({ text, error }))).toEqual([
      { text: 'isolate sh', error: null },
      { text: 'hard switch: all of sh to bj', error: null },
      { text: 'every fault ends', error: null },
      { text: 'power-loss sh', error: null },
      { text: 'until no zone is behind the others (at most 1ms)', error: null },
    ])
  })
})

describe('a drill in which something goes wrong', () => {
  const troubles = fc.dictionary(fc.constantFrom(...stages), fc.constantFrom<Trouble>('throws', 'late', 'interrupt'), {
    maxKeys: 3,
  })

  it('removes its faults, ends its load, collects, judges and reports, whatever fails at whichever stage', async () => {
    await fc.assert(
      fc.asyncProperty(troubles, async (trouble) => {
        const world = new World(trouble as Partial<Record<Stage, Trouble>>)
        const result = await judge(world).catch(() => null)
        if (result === null) {
          // It says so only where it had begun nothing.
          expect(world.asked.every((stage) => stage === 'ready' || stage === 'begin')).toBe(true)
          return
        }
        const { outcome, exit } = result
        const last = (stage: Stage) => world.asked.lastIndexOf(stage)
        expect(last('heal')).toBeGreaterThan(Math.max(last('inject'), last('move')))
        for (const stage of ['end', 'collect', 'judge', 'report'] as const)
          expect(last(stage)).toBeGreaterThan(last('heal'))
        const healed = trouble.heal !== 'throws' && trouble.heal !== 'late'
        if (healed) expect(world.faults).toBe(0)
        expect(outcome.notRemoved === null).toBe(healed)
        if (!healed) expect(exit).toBe(10)
        else if (outcome.interrupted) expect(exit).toBe(130)
        else if (outcome.obstacles.length > 0) expect(exit).toBe(8)
        else expect(exit).toBe(0)
        expect(world.interruptedAs).toBe(outcome.interrupted)
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['a fault that cannot be put in', { inject: 'throws' }, 'inject breaks'],
    ['a switch that never ends', { move: 'late' }, 'EZ_WAIT_TIMEOUT: the switch took longer than 0 s'],
    ['a history that cannot be judged', { judge: 'throws' }, 'judging: judge breaks'],
    ['a report that cannot be written', { report: 'throws' }, 'the report: report breaks'],
  ] as const)('%s leaves no verdict, and says why', async (_, trouble, why) => {
    const result = await judge(new World(trouble))
    expect(result.outcome.obstacles).toContain(why)
    expect(result).toMatchObject({ verdict: 'unknown', exit: 8 })
  })

  it('is broken off when too little ends well for too long', async () => {
    const world = new World()
    world.progress = { ok: 0, failed: 9, unknown: 0 }
    const of = scenario({
      load: { for: '20s' },
      timeline: [{ at: '1ms', fault: { kind: 'isolate', target: 'sh' } }],
      stop: { okShareBelow: 0.5, for: '10ms' },
    })
    const { outcome, verdict, exit } = await judge(world, of)
    expect(outcome.obstacles).toEqual([expect.stringContaining('less than 50 % of all operations ended well')])
    expect({ verdict, exit, faults: world.faults }).toEqual({ verdict: 'unknown', exit: 8, faults: 0 })
  })

  it('says what is not where it was before', async () => {
    const { outcome, exit } = await judge(new World({ putBack: 'throws' }))
    expect(outcome.left).toBe('putBack breaks')
    expect(exit).toBe(0)
  })
})

describe('the verdict', () => {
  const of = (claims: readonly ClaimResult[], grade: Grade = 'P5', trouble = {}) =>
    judge(new World(trouble, [...claims], grade)).then(({ verdict, exit, why }) => ({ verdict, exit, why: why[0] }))

  it('is invalid with a counterexample, also where a step failed', async () => {
    const seen = { verdict: 'invalid', exit: 7, why: 'no-order-lost: order 7 is gone' }
    expect(await of([claim('valid'), claim('invalid'), claim('unknown')])).toEqual(seen)
    expect(await of([claim('invalid')], 'P5', { move: 'throws' })).toEqual(seen)
  })

  it('is not invalid where a person broke it off: nothing had time to settle', async () => {
    expect(await of([claim('invalid')], 'P5', { move: 'interrupt' })).toMatchObject({ verdict: 'unknown', exit: 130 })
  })

  it('is unknown where a claim is, and where nothing was judged', async () => {
    expect(await of([claim('valid'), claim('unknown')])).toMatchObject({ verdict: 'unknown', exit: 8 })
    expect(await of([])).toEqual({ verdict: 'unknown', exit: 8, why: 'nothing was judged' })
  })

  it('is invalid where the grade is worse than allowed', async () => {
    expect(await of([claim('valid')], 'P3')).toMatchObject({ verdict: 'valid', exit: 0 })
    expect(await of([claim('valid')], 'P2')).toMatchObject({ verdict: 'invalid', exit: 7 })
  })
})
