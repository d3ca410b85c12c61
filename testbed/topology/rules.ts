import type { Draft, Named } from './draft.ts'
import { suggestion } from './nearest.ts'
import { type Path, type Problem, pathText } from './positions.ts'

/**
 * Every two places have a link, and a link has one address of a /24 in the network of each of its places:
 * 11 places make 55 links, and 200 + 54 is the last address (addresses.ts).
 */
export const placesMax = 11

/** Ports ezone itself uses beside the stores: quorum, election, and Toxiproxy's control. */
const reservedPorts: Readonly<Record<number, string>> = {
  2888: 'the quorum of the global ZooKeeper',
  3888: 'the election of the global ZooKeeper',
  8474: 'the control of the links',
}
const kafkaForeignFrom = 100

/** Rules between fields: what no single field can get wrong. `shards` are the shard numbers the data knows. */
export function ruleProblems(draft: Draft, shards: ReadonlySet<string>): readonly Problem[] {
  return [
    ...twice(draft.zones, 'zone'),
    ...twice([...draft.zones.flatMap((zone) => zone.idcs), ...draft.edges], 'place'),
    ...placesNamedLikeZones(draft),
    ...tooManyPlaces(draft),
    ...numbersTwice(draft),
    ...draft.links.flatMap((link, index) => linkProblems(draft, link, index)),
    ...shardProblems(draft, shards),
    ...masterProblems(draft),
    ...portProblems(draft),
  ]
}

function twice(names: readonly Named[], what: string): readonly Problem[] {
  return names.flatMap(({ name, at }, index) => {
    const first = names.findIndex((other) => other.name === name)
    if (first === index) return []
    return [{ at, sentence: `${what} ${name} is there already, at ${where(names[first])}; give this one another name` }]
  })
}

/** A zone and a place may share a name only where the place is an IDC of that very zone: `ezone logs bj/mysql`. */
function placesNamedLikeZones({ zones, edges }: Draft): readonly Problem[] {
  const strangers = [
    ...edges.map((edge) => ({ ...edge, zone: '', kind: 'edge' })),
    ...zones.flatMap((zone) => zone.idcs.map((idc) => ({ ...idc, zone: zone.name, kind: 'IDC' }))),
  ]
  return strangers.flatMap(({ name, at, zone, kind }) => {
    const namesake = zones.find((z) => z.name === name && z.name !== zone)
    const places = zones.some((z) => z.name === name && z.idcs.some((idc) => idc.name === name))
    // Where the zone's own IDC has the name too, `twice` has said so already.
    if (namesake === undefined || places) return []
    return [{ at, sentence: `${kind} ${name} has the name of a zone (${where(namesake)}); give it another name` }]
  })
}

function tooManyPlaces({ zones, edges }: Draft): readonly Problem[] {
  const count = zones.reduce((sum, zone) => sum + zone.idcs.length, edges.length)
  if (count <= placesMax) return []
  const sentence = `describes ${count} places (IDCs and edges); a testbed has at most ${placesMax}, since every two are joined`
  return [{ at: [], sentence }]
}

function numbersTwice({ zones }: Draft): readonly Problem[] {
  return zones.flatMap((zone, index) => {
    const first = zones.findIndex((other) => other.number === zone.number)
    const other = zones[first]
    if (first === index || other === undefined) return []
    const at: Path = [...zone.at.slice(0, -1), 'number']
    const sentence = `zone ${zone.name} has number ${zone.number}, which zone ${other.name} has too (without \`number\` a zone gets its position in the list); give each its own`
    return [{ at, sentence }]
  })
}

function linkProblems({ zones, edges, links }: Draft, link: Draft['links'][number], index: number): readonly Problem[] {
  const places = [...zones.flatMap((zone) => zone.idcs), ...edges].map((place) => place.name)
  const unknown = link.ends
    .filter((end) => !places.includes(end.name))
    .map(({ name, at }): Problem => {
      const zone = zones.find((z) => z.name === name)
      const idcs = zone?.idcs.map((idc) => idc.name).join(' or ')
      const help = zone ? `${name} is a zone, a link joins places: say ${idcs}` : suggestion(name, places)
      return { at, sentence: `no place is called ${name}; ${help}` }
    })
  const [a, b] = link.ends
  if (unknown.length > 0 || a === undefined || b === undefined) return unknown
  if (a.name === b.name) return [{ at: b.at, sentence: `a link joins two different places, not ${a.name} with itself` }]
  const same = links.findIndex((other) => samePair(other.ends, link.ends))
  if (same === index) return []
  return [{ at: link.at, sentence: `the link ${a.name}-${b.name} is there already, at links[${same}]; remove one` }]
}

function samePair(one: readonly Named[], other: readonly Named[]): boolean {
  const key = (ends: readonly Named[]) =>
    ends
      .map((end) => end.name)
      .sort()
      .join('-')
  return key(one) === key(other)
}

function shardProblems({ shards, zones }: Draft, known: ReadonlySet<string>): readonly Problem[] {
  const names = zones.map((zone) => zone.name)
  return shards.flatMap(({ shard, name, at }): readonly Problem[] => [
    // What is no number at all, the shape check has named.
    ...(known.has(shard) || !/^[0-9]+$/.test(shard)
      ? []
      : [{ at, key: true, sentence: `there is no shard ${shard}; numbers there are: ${[...known].join(' ')}` }]),
    ...(names.includes(name) ? [] : [{ at, sentence: `no zone is called ${name}; ${suggestion(name, names)}` }]),
  ])
}

function masterProblems({ master, zones }: Draft): readonly Problem[] {
  const names = zones.map((zone) => zone.name)
  if (master === null || names.includes(master.name)) return []
  return [{ at: master.at, sentence: `no zone is called ${master.name}; ${suggestion(master.name, names)}` }]
}

/** Not all of these meet on one address in every runtime, but one rule that holds everywhere is easier to keep. */
function portProblems({ ports, zones }: Draft): readonly Problem[] {
  const foreign = zones.reduce((sum, zone) => sum + zone.idcs.length, 0)
  const used = new Map<number, string>(Object.entries(reservedPorts).map(([port, what]) => [Number(port), what]))
  const claims = [
    { store: 'mysql', wants: [ports.mysql] },
    { store: 'redis', wants: [ports.redis] },
    { store: 'zookeeper', wants: [ports.zookeeper] },
    { store: 'kafka', wants: [ports.kafka, ports.kafka + 1, ...range(ports.kafka + kafkaForeignFrom, foreign)] },
  ]
  return claims.flatMap(({ store, wants }) => {
    const taken = wants.find((port) => used.has(port))
    const holder = taken === undefined ? undefined : used.get(taken)
    for (const port of wants) used.set(port, used.get(port) ?? store)
    if (taken === undefined) return []
    return [{ at: ['ports', store], sentence: `needs port ${taken}, which ${holder} has; choose another` }]
  })
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)

const where = (named: Named | undefined) => pathText(named?.at ?? [])
