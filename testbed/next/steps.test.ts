import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Commands, loadCommands, refusalOf } from '../../tools/docs/commands.ts'
import { phases } from '../session/phases.ts'
import type { Seen } from './seen.ts'
import { nextSteps } from './steps.ts'

const well: Seen = {
  name: 'default',
  state: 'ready',
  runtime: 'process',
  running: 29,
  specs: 29,
  agent: true,
  busy: null,
  faults: [],
  sabotage: [],
  lastRun: null,
}
const fault = { id: 'f1', kind: 'partition', target: 'bj-sh', endsInMs: 900 }

const anySeen: fc.Arbitrary<Seen> = fc.record({
  name: fc.constantFrom('default', 'one', 'two'),
  state: fc.constantFrom(...phases, 'unknown', 'unreadable', 'of a later version'),
  runtime: fc.constantFrom('process', 'docker', null),
  running: fc.nat(40),
  specs: fc.option(fc.nat(40)),
  agent: fc.boolean(),
  busy: fc.constantFrom('up', 'stop', null),
  faults: fc.constantFrom([], [fault]),
  sabotage: fc.constantFrom([], ['lost-apply']),
  lastRun: fc.constantFrom('20261121-204533-partition', null),
})
const anyMachine = fc.uniqueArray(anySeen, { selector: ({ name }) => name, maxLength: 3 })
const anyName = fc.constantFrom(undefined, 'default', 'two', 'three')

let commands: Commands
beforeAll(async () => {
  commands = await loadCommands()
})

describe('the next commands', () => {
  it('are three different ones, whatever there is', () => {
    fc.assert(
      fc.property(anyMachine, anyName, (all, name) => {
        const { steps } = nextSteps(all, name)
        expect(new Set(steps.map(({ command }) => command)).size).toBe(3)
        expect(steps.every(({ does }) => does.length > 0)).toBe(true)
      }),
    )
  })

  it('are commands that ezone takes as they stand', async () => {
    await fc.assert(
      fc.asyncProperty(anyMachine, anyName, async (all, name) => {
        for (const { command } of nextSteps(all, name).steps) {
          const [program, ...argv] = command.split(' ')
          expect(program).toBe('ezone')
          expect(await refusalOf(argv, commands), command).toBeNull()
        }
      }),
    )
  })

  it('of a named testbed are about that one, and about no other', () => {
    fc.assert(
      fc.property(anyMachine, anyName, (all, name) => {
        const { about, steps } = nextSteps(all, name)
        if (name !== undefined) expect(about).toBe(all.some((seen) => seen.name === name) ? name : null)
        const meant = about ?? name ?? 'default'
        for (const { command } of steps) {
          const [, named = 'default'] = / --name (\w+)$/.exec(command) ?? []
          expect([meant, 'default']).toContain(named)
        }
      }),
    )
  })

  it.each<[what: string, seen: Partial<Seen>, first: string]>([
    ['is well', {}, 'ezone order place --city Shanghai'],
    ['was drilled', { lastRun: '20261121-204533-partition' }, 'ezone report open'],
    ['does wrong on purpose', { sabotage: ['lost-apply'] }, 'ezone drill run partition'],
    ['has nobody who supervises it', { agent: false }, 'ezone up'],
    ['lacks a server', { state: 'degraded', running: 28 }, 'ezone up'],
    ['has a fault', { faults: [fault] }, 'ezone chaos status'],
    ['lacks a server because of a fault', { state: 'degraded', faults: [fault] }, 'ezone chaos status'],
    ['is being started', { state: 'degraded', busy: 'up' }, 'ezone wait'],
    ['was stopped', { state: 'stopped', agent: false, running: 0 }, 'ezone start'],
    ['was stopped with a fault', { state: 'stopped', agent: false, faults: [fault] }, 'ezone start'],
    ['cannot be read', { state: 'unreadable', agent: false }, 'ezone down'],
    ['is on an engine that does not answer', { state: 'unknown', agent: false }, 'ezone doctor'],
  ])('for a testbed that %s begin with what helps', (_, change, first) => {
    expect(nextSteps([{ ...well, ...change }], undefined).steps[0].command).toBe(first)
  })

  it('begin with `up` where there is no testbed', () => {
    expect(nextSteps([], undefined)).toMatchObject({ about: null, steps: [{ command: 'ezone up' }, {}, {}] })
    expect(nextSteps([well], 'two')).toMatchObject({ about: null, steps: [{ command: 'ezone up --name two' }, {}, {}] })
  })

  it('are about the testbed that needs somebody most, and `default` among equals', () => {
    const one = { ...well, name: 'a-first' }
    expect(nextSteps([one, well], undefined).about).toBe('default')
    expect(nextSteps([well, { ...one, state: 'degraded' }], undefined).about).toBe('a-first')
    expect(nextSteps([well, { ...one, state: 'stopped' }], undefined).about).toBe('default')
  })
})
