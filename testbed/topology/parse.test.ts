import { EzoneError } from '@ezone/sdk/errors'
import { describe, expect, it } from 'vitest'
import { parseTopology } from './parse.ts'
import { topologySchema } from './schema.ts'

const options = { file: 'ezone.yaml', shards: new Set(['11', '31', '44']) }
const parse = (text: string) => parseTopology(text, options)

/** The problems of a text, one per line, as the user reads them. */
function problems(text: string): readonly string[] {
  try {
    parse(text)
  } catch (error) {
    if (!EzoneError.is(error, 'EZ_TOPOLOGY_INVALID')) throw error
    expect(error.oclif.exit).toBe(2)
    return error.message.split('\n').slice(1)
  }
  return []
}

describe('a topology that is right', () => {
  it('is the default when the file is empty or all comments', () => {
    expect(parse('')).toEqual(topologySchema.parse({}))
    expect(parse('# nothing yet\n')).toEqual(topologySchema.parse({}))
  })

  it('may have three zones', () => {
    const topology = parse('zones: [{ name: bj }, { name: sh }, { name: gz }]\nshards: { 44: gz }\n')
    expect(topology.zones.map((zone) => zone.name)).toEqual(['bj', 'sh', 'gz'])
    expect(topology.shards).toEqual({ 44: 'gz' })
  })

  it('may have a zone of two data centres joined by a link of their own', () => {
    const topology = parse(
      'zones:\n  - name: bj\n    idcs: [bj1, bj2]\n  - name: sh\nlinks:\n  - between: [bj1, bj2]\n    rttMs: 1\n',
    )
    expect(topology.zones[0]?.idcs).toEqual(['bj1', 'bj2'])
    expect(topology.links).toEqual([{ between: ['bj1', 'bj2'], rttMs: 1 }])
  })
})

describe('what is not YAML', () => {
  it('is named with line and column', () => {
    expect(problems('zones: [')).toEqual([expect.stringMatching(/^ezone\.yaml:1:\d+ this is not YAML: /)])
    expect(problems('edges:\n  - name: edge\n\tbad: 1\n')).toContainEqual(expect.stringMatching(/^ezone\.yaml:3:/))
  })

  it('says which field is there twice', () => {
    expect(problems('rttMs: {}\nrttMs: {}\n')).toEqual([
      'ezone.yaml:2:1 this field is there already; remove one of the two',
    ])
  })

  it('says that one file is one document', () => {
    expect(problems('rttMs: {}\n---\nrttMs: {}\n')).toEqual([expect.stringContaining('a topology is one document')])
  })

  it('is an alias that leads nowhere, or one that explodes', () => {
    expect(problems('zones: *nobody')).toEqual([expect.stringContaining('nobody')])
    const bomb = ['a: &a [x, x, x, x, x, x, x, x]', ...[...'bcdefg'].map((name, i) => bombLine(name, i))].join('\n')
    expect(problems(bomb)).toEqual([expect.stringContaining('alias')])
  })
})

const bombLine = (name: string, index: number) =>
  `${name}: &${name} [${Array(8).fill(`*${'abcdef'[index]}`).join(', ')}]`

describe('a field of the wrong shape', () => {
  it.each([
    ['zones: 2', 'ezone.yaml:1:8 zones: must be a list, not 2'],
    ['zones:', 'ezone.yaml:1:7 zones: is empty: give it a value, or remove the line to get the default'],
    ['zones: []', 'ezone.yaml:1:8 zones: must have at least 1 entry, not 0'],
    ['- 1', 'ezone.yaml:1:1 the file: must be a group of fields, not a list'],
    ['rttMs: { zones: fast }', 'ezone.yaml:1:17 rttMs.zones: must be a whole number, not "fast"'],
    [
      'grades: { P1: { downMs: 700000 } }',
      'ezone.yaml:1:9 grades.P0.downMs: must be no less than that of P1, which is 700000',
    ],
    ['rttMs: { zones: -1 }', 'ezone.yaml:1:17 rttMs.zones: must be at least 0, not -1'],
    ['ports: { mysql: 40000 }', 'ezone.yaml:1:17 ports.mysql: must be at most 32767, not 40000'],
    ['mysql: { durability: slow }', 'ezone.yaml:1:22 mysql.durability: must be full or fast, not "slow"'],
    ['links: [{ between: [bj, sh] }]', 'ezone.yaml:1:9 links[0].rttMs: is missing: a whole number must stand here'],
    ['sources: [apt]', 'ezone.yaml:1:11 sources[0]: must be path or packages or a group of fields, not "apt"'],
    ['sources: [{ kind: mysql }]', 'ezone.yaml:1:11 sources[0].url: is missing: a text must stand here'],
    [
      'sources: [{ kind: mysql, image: mysql:8.4 }]',
      'ezone.yaml:1:11 sources[0].digest: is missing: a text must stand here',
    ],
    ['shards: { north: bj }', 'ezone.yaml:1:11 shards.north: must be a shard number such as 31, not "north"'],
  ])('%s is named with its place and what it must be', (text, problem) => {
    expect(problems(text)).toEqual([problem])
  })

  it('is named with the nearest spelling where the field is unknown', () => {
    expect(problems('zone: []')).toEqual([
      expect.stringMatching(/^ezone\.yaml:1:1 zone: is no field; did you mean zones\?/),
    ])
    expect(problems('zones:\n  - nmae: bj\n    name: bj\n  - name: sh')).toEqual([
      'ezone.yaml:2:5 zones[0].nmae: is no field; did you mean name? (fields here: name, number, idcs)',
    ])
    expect(problems('colour: red')).toEqual([
      expect.stringMatching(/is no field of a topology; fields here: zones, edges/),
    ])
  })
})

describe('fields that do not fit together', () => {
  it.each([
    [
      'zones: [{ name: bj }, { name: bj, idcs: [x] }]',
      'ezone.yaml:1:31 zones[1].name: zone bj is there already, at zones[0].name; give this one another name',
    ],
    [
      'zones: [{ name: bj }, { name: sh, idcs: [a, a] }]',
      'ezone.yaml:1:45 zones[1].idcs[1]: place a is there already, at zones[1].idcs[0]; give this one another name',
    ],
    [
      'edges: [{ name: sh }]',
      'ezone.yaml:1:17 edges[0].name: place sh is there already, at zones[1].name; give this one another name',
    ],
    [
      'zones: [{ name: bj, idcs: [b1] }]\nedges: [{ name: bj }]',
      'ezone.yaml:2:17 edges[0].name: edge bj has the name of a zone (zones[0].name); give it another name',
    ],
    [
      'zones: [{ name: bj, idcs: [b1] }, { name: sh, idcs: [bj] }]',
      'ezone.yaml:1:54 zones[1].idcs[0]: IDC bj has the name of a zone (zones[0].name); give it another name',
    ],
    [
      'links: [{ between: [bj, bj], rttMs: 1 }]',
      'ezone.yaml:1:25 links[0].between[1]: a link joins two different places, not bj with itself',
    ],
    [
      'links: [{ between: [bj, hs], rttMs: 1 }]',
      'ezone.yaml:1:25 links[0].between[1]: no place is called hs; known: bj, sh, edge',
    ],
    [
      'links: [{ between: [bj, edg], rttMs: 1 }]',
      'ezone.yaml:1:25 links[0].between[1]: no place is called edg; did you mean edge? (known: bj, sh, edge)',
    ],
    [
      'links: [{ between: [bj, sh], rttMs: 1 }, { between: [sh, bj], rttMs: 2 }]',
      'ezone.yaml:1:42 links[1]: the link sh-bj is there already, at links[0]; remove one',
    ],
    ['shards: { 31: gz }', 'ezone.yaml:1:15 shards.31: no zone is called gz; known: bj, sh'],
    ['shards: { 77: bj }', 'ezone.yaml:1:11 shards.77: there is no shard 77; numbers there are: 11 31 44'],
    ['globalZone: { master: edge }', 'ezone.yaml:1:23 globalZone.master: no zone is called edge; known: bj, sh'],
    ['ports: { mysql: 6379 }', 'ezone.yaml:1:8 ports.redis: needs port 6379, which mysql has; choose another'],
    [
      'ports: { zookeeper: 2888 }',
      'ezone.yaml:1:21 ports.zookeeper: needs port 2888, which the quorum of the global ZooKeeper has; choose another',
    ],
    [
      'ports: { kafka: 3787 }',
      'ezone.yaml:1:17 ports.kafka: needs port 3888, which the election of the global ZooKeeper has; choose another',
    ],
  ])('%s', (text, problem) => {
    expect(
      problems(text).map((line) => line.replace(/^ezone\.yaml:1:\d+ ports\.redis/, 'ezone.yaml:1:8 ports.redis')),
    ).toEqual([problem])
  })

  it('gives two zones the same number, one by its position', () => {
    expect(problems('zones: [{ name: a, number: 2 }, { name: b }]')).toEqual([
      expect.stringMatching(/zones\[1\]\.number: zone b has number 2, which zone a has too/),
    ])
  })

  it('points from a link to the data centres where a zone is named', () => {
    expect(
      problems('zones: [{ name: bj, idcs: [b1, b2] }, { name: sh }]\nlinks: [{ between: [bj, sh], rttMs: 9 }]'),
    ).toEqual([
      'ezone.yaml:2:21 links[0].between[0]: no place is called bj; bj is a zone, a link joins places: say b1 or b2',
    ])
  })

  it('describes more places than links have addresses for', () => {
    const zones = Array.from({ length: 11 }, (_, index) => `{ name: z${index} }`).join(', ')
    expect(problems(`zones: [${zones}]`)).toEqual([
      expect.stringContaining('12 places (IDCs and edges); a testbed has at most 11'),
    ])
  })
})

it('says all problems at once, in the order of the file, also rules beside misspelt fields', () => {
  const found = problems(
    [
      'shards: { 31: gz, 99: bj }',
      'zones:',
      '  - name: bj',
      '    numbr: 1',
      '  - name: bj',
      'globalZone: { master: x }',
    ].join('\n'),
  )
  expect(found.map((line) => line.replace(/^\S+ (\S+):.*$/, '$1'))).toEqual([
    'shards.31',
    'shards.99',
    'zones[0].numbr',
    'zones[1].name',
    'zones[1].name',
    'globalZone.master',
  ])
})
