import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { describe, expect, it } from 'vitest'
import { checks } from '../checks/all.ts'
import { packageRoot } from '../surroundings/folders.ts'
import { build } from '../testing/blueprints.ts'
import { rolesOf } from './roles.ts'
import { parseScenario } from './scenario.ts'

const two = build('')
const three = build('zones: [{ name: bj }, { name: sh }, { name: gz }]\n')
const one = build('zones: [{ name: bj }]\n')

const head = 'name: mine\ntitle: t\nhypothesis: h\nload: { for: 40s }\n'
const read = (text: string, blueprint = two, lost?: string) =>
  parseScenario(text, {
    file: 'mine.yaml',
    blueprint,
    claims: ['unique-ids', 'one-owner'],
    roles: rolesOf(blueprint, lost),
  })

/** The problems of a text, one per line, as the user reads them. */
function problems(text: string, blueprint = two): readonly string[] {
  try {
    read(text, blueprint)
  } catch (error) {
    if (!EzoneError.is(error, 'EZ_SCENARIO_INVALID')) throw error
    expect(error.oclif.exit).toBe(2)
    return error.message.split('\n').slice(1)
  }
  return []
}

const step = (text: string) => `${head}timeline:\n  - { ${text} }\n`

describe('a scenario that is right', () => {
  it('says the rest by itself', () => {
    const scenario = read(step('at: 8s, fault: { kind: partition, target: $lost-$other, for: 15s }'))
    expect(scenario.timeline).toEqual([{ at: 8_000, fault: { kind: 'partition', target: 'sh-bj', for: 15_000 } }])
    expect(scenario).toMatchObject({ policy: 'any', claims: 'all', allow: { grade: 'P3', lossWindow: 0 } })
  })

  it('has its roles played by the zones of the topology, whatever they are called', () => {
    const text = step('at: 1s, switch: { from: $lost, to: $other, mode: hard }')
    const from = (blueprint: typeof two, lost?: string) => read(text, blueprint, lost).timeline[0]?.switch
    expect(from(two)).toEqual({ from: 'sh', to: 'bj', mode: 'hard' })
    expect(from(two, 'bj')).toEqual({ from: 'bj', to: 'sh', mode: 'hard' })
    expect(from(three)).toEqual({ from: 'gz', to: 'bj', mode: 'hard' })
    expect(from(three, 'bj')).toEqual({ from: 'bj', to: 'sh', mode: 'hard' })
  })
})

it('every scenario shown in the docs is a right one', async () => {
  const text = await readFile(join(packageRoot, 'docs/guide/drills.md'), 'utf8')
  const examples = [...text.matchAll(/```yaml[^\n]*\n(.*?)```/gs)].map(([, yaml]) => yaml ?? '')
  expect(examples.length).toBeGreaterThan(0)
  const claims = checks.map(({ name }) => name)
  for (const yaml of examples)
    parseScenario(yaml, { file: 'drills.md', blueprint: three, claims, roles: rolesOf(three) })
})

describe('a scenario with errors', () => {
  it('is told of all of them at once, each with its place', () => {
    const text = `${head.replace('title', 'titel')}timeline:\n  - { at: 8s, fault: { kind: isolate, target: xx } }\nclaims: [unique-id]\n`
    expect(problems(text)).toEqual([
      'mine.yaml:1:1 title: is missing: a text must stand here',
      'mine.yaml:2:1 titel: is no field; did you mean title? (fields here: name, title, hypothesis, policy, lost, load, timeline, claims, allow, stop, settle)',
      'mine.yaml:6:47 timeline[0].fault.target: there is no zone "xx"; there are bj, sh, edge',
      'mine.yaml:7:10 claims[0]: no claim is called unique-id; did you mean unique-ids? (known: unique-ids, one-owner)',
    ])
  })

  it.each([
    ['at: 8', 'timeline[0].at: must be a text, not 8'],
    ['at: 8s', 'timeline[0]: does one thing: fault or switch or failback or heal or settle'],
    ['at: 8s, heal: all, settle: 5s', 'timeline[0]: does one thing: fault or switch or failback or heal or settle'],
    ['at: soon, heal: all', 'timeline[0].at: must be a time such as 10s'],
    ['at: 8s, heal: some', 'timeline[0].heal: must be all, not "some"'],
    ['at: 40s, heal: all', 'timeline[0].at: begins after 40s, when the load is over (load.for: 40s)'],
    [
      'at: 8s, fault: { kind: meteor, target: sh }',
      /timeline\[0\]\.fault\.kind: must be partition or .*, not "meteor"/,
    ],
    ['at: 8s, fault: { target: sh }', /timeline\[0\]\.fault\.kind: is missing: partition or .* must stand here/],
    ['at: 8s, fault: { kind: isolate }', 'timeline[0].fault.target: is missing: a text must stand here'],
    [
      'at: 8s, fault: { kind: isolate, target: sh, zone: sh }',
      /timeline\[0\]\.fault\.zone: is no field.*kind, target, for, direction, mode/,
    ],
    [
      'at: 8s, fault: { kind: isolate, target: sh, mode: drop }',
      'timeline[0].fault: isolate takes no mode; it takes none',
    ],
    ['at: 8s, fault: { kind: latency, target: bj-sh }', 'timeline[0].fault: latency wants --latency TIME'],
    [
      'at: 30s, fault: { kind: isolate, target: sh, for: 11s }',
      'timeline[0].fault.for: lasts longer than the drill: it ends after 41s, the load after 40s',
    ],
    [
      'at: 8s, fault: { kind: partition, target: bj-hs }',
      'timeline[0].fault.target: there is no link "bj-hs"; there are bj-sh, edge-bj, edge-sh',
    ],
    [
      'at: 8s, fault: { kind: partition, target: bj-sh, direction: "bj:edge" }',
      'timeline[0].fault: link bj-sh has no direction bj:edge; it has bj:sh and sh:bj',
    ],
    [
      'at: 8s, fault: { kind: kill, target: sh/mysq }',
      'timeline[0].fault.target: there is no server or service "sh/mysq"',
    ],
    [
      'at: 8s, switch: { from: sh, to: sh, mode: planned }',
      'timeline[0].switch.to: is sh, where the shards are already',
    ],
    [
      'at: 8s, fault: { kind: isolate, target: $lots }',
      'timeline[0].fault.target: there is no $lots; did you mean lost? (roles: lost, master, other, edge)',
    ],
  ])('%s', (text, said) => {
    const found = problems(step(text))
    expect(found).toHaveLength(1)
    const [, sentence = ''] = /^mine\.yaml:6:\d+ (.*)$/.exec(found[0] ?? '') ?? []
    if (typeof said === 'string') expect(sentence).toBe(said)
    else expect(sentence).toMatch(said)
  })

  it('is told of faults that contradict each other while both are in force', () => {
    const cut = '{ kind: partition, target: bj-sh, mode: refuse, for: 5s }'
    const both = (at: string) => `${head}timeline:\n  - { at: 8s, fault: ${cut} }\n  - { at: ${at}, fault: ${cut} }\n`
    expect(problems(both('12s'))).toEqual([
      expect.stringMatching(/^mine\.yaml:7:\d+ timeline\[1\]\.fault: cannot be in force beside timeline\[0\]\.fault: /),
    ])
    expect(problems(both('13s'))).toEqual([])
  })

  it('wants its steps in order', () => {
    expect(problems(`${head}timeline:\n  - { at: 9s, heal: all }\n  - { at: 8s, heal: all }\n`)).toEqual([
      'mine.yaml:7:11 timeline[1].at: stands after a step at 9s; put them in order',
    ])
  })

  it('cannot move a zone where there is only one', () => {
    expect(problems(step('at: 8s, switch: { from: $lost, to: $other, mode: hard }'), one)).toEqual([
      'mine.yaml:6:42 timeline[0].switch.to: nobody can be $other in a topology of one zone',
    ])
  })

  it('is told of a zone that is not there before anything begins', () => {
    expect(() => read(step('at: 1s, heal: all'), two, 'gz')).toThrow(
      expect.objectContaining({ code: 'EZ_UNKNOWN_ZONE' }),
    )
  })
})
