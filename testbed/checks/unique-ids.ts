import { parseId, unpackId } from '@ezone/sdk/model'
import type { History } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { pushTo } from './operations.ts'
import { at } from './words.ts'

/** Somebody who saw an order, or a user, under an id. */
interface Sighting {
  readonly id: string
  /** What was asked for: the idempotency key of an order, the phone of a user. */
  readonly of: string
  readonly zone: string | null
  readonly text: string
}

export const uniqueIds = define({
  name: 'unique-ids',
  statement: 'Every id was given once, in the space of the zone that gave it, and every request made one order',
  missing: ({ op, request, user }) =>
    op.length + request.length + user.length === 0 ? 'the history has no ids' : null,
  look(history) {
    const [orders, users] = [orderSightings(history), userSightings(history)]
    const bornIn = history.order.map(({ orderId, bornIn: zone }) => ({ id: orderId, zone }))
    return {
      checked: new Set([...orders, ...users].map(({ id }) => id)).size,
      found: [
        ...twice(
          orders,
          ({ id }) => id,
          'of',
          (id) => `the id ${id} was given to two orders`,
        ),
        ...twice(
          orders,
          ({ of }) => of,
          'id',
          (key) => `the request ${key} made two orders`,
        ),
        ...twice(
          users,
          ({ id }) => id,
          'of',
          (id) => `the id ${id} was given to two users`,
        ),
        ...outOfSpace([...firstAnswers(history), ...bornIn], history.begin[0]?.zones ?? []),
      ],
    }
  },
})

function orderSightings({ op, request }: History): readonly Sighting[] {
  const told = op.flatMap(({ kind, outcome, orderId, key, zone, answeredMs, client }): readonly Sighting[] =>
    kind === 'place' && outcome === 'ok' && orderId !== null && key !== null
      ? [
          {
            id: orderId,
            of: key,
            zone,
            text: `${at(answeredMs)} ${client} got order ${orderId} for its request ${key}`,
          },
        ]
      : [],
  )
  const stored = request.map(({ zone, key, orderId }) => ({
    ...{ id: orderId, of: key, zone },
    text: `the database of ${zone} has order ${orderId} for the request ${key}`,
  }))
  // One order is about many requests: those that move it on are stored as well, and are no second order.
  const places = new Set(op.filter(({ kind }) => kind === 'place').map(({ key }) => key))
  return [...told, ...stored.filter(({ of }) => places.has(of))]
}

function userSightings({ op, user }: History): readonly Sighting[] {
  const told = op.flatMap(({ kind, outcome, saw, subject, zone, answeredMs, client }): readonly Sighting[] =>
    kind === 'register' && outcome === 'ok' && saw !== null && subject !== null
      ? [{ id: saw, of: subject, zone, text: `${at(answeredMs)} ${client} got user ${saw} for the phone ${subject}` }]
      : [],
  )
  const stored = user.map(({ zone, phone, userId }) => ({
    ...{ id: userId, of: phone, zone },
    text: `the global database in ${zone} has user ${userId} for the phone ${phone}`,
  }))
  return [...told, ...stored]
}

function twice(
  sightings: readonly Sighting[],
  groupOf: (sighting: Sighting) => string,
  differ: 'id' | 'of',
  text: (group: string) => string,
): readonly Contradiction[] {
  const first = new Map<string, Sighting>()
  const found = new Map<string, Contradiction>()
  for (const sighting of sightings) {
    const group = groupOf(sighting)
    const known = first.get(group)
    if (known === undefined) first.set(group, sighting)
    else if (known[differ] !== sighting[differ] && !found.has(group))
      found.set(group, {
        ids: [...new Set([known.id, sighting.id])],
        size: 2,
        story: () => `${text(group)}: ${known.text}; ${sighting.text}`,
      })
  }
  return [...found.values()]
}

interface Birth {
  readonly id: string
  readonly zone: string
}

/** Orders whose request was sent once: the zone that answered is the zone that made them. */
function firstAnswers({ op }: History): readonly Birth[] {
  const attempts = new Map<string, number>()
  for (const { kind, key } of op) if (kind === 'place' && key !== null) attempts.set(key, (attempts.get(key) ?? 0) + 1)
  return op.flatMap(({ kind, outcome, orderId, zone, key }) =>
    kind === 'place' && outcome === 'ok' && orderId !== null && zone !== null && attempts.get(key ?? '') === 1
      ? [{ id: orderId, zone }]
      : [],
  )
}

/** Ids carry the number of their zone. Which number a zone has, most of its own ids say. */
function outOfSpace(births: readonly Birth[], zones: readonly string[]): readonly Contradiction[] {
  const byZone = new Map<string, Birth[]>()
  for (const birth of births) pushTo(byZone, birth.zone, birth)
  const numbers = new Map<number, string>()
  const found: Contradiction[] = []
  for (const zone of [...zones, ...[...byZone.keys()].filter((one) => !zones.includes(one))]) {
    const own = byZone.get(zone) ?? []
    const usual = mostFrequent(own.map(({ id }) => numberOf(id)))
    if (usual === undefined) continue
    const holder = numbers.get(usual)
    const stray = own.find(({ id }) => holder !== undefined || numberOf(id) !== usual)
    numbers.set(usual, holder ?? zone)
    if (stray === undefined) continue
    const whose = numbers.get(numberOf(stray.id) ?? 0)
    const space = whose === undefined || whose === zone ? 'no zone of its own' : `the space of ${whose}`
    found.push({
      ids: [stray.id],
      size: 1,
      story: () => `order ${stray.id} was made in ${stray.zone}, but its id says zone ${numberOf(stray.id)}: ${space}`,
    })
  }
  return found
}

function numberOf(id: string): number | undefined {
  const parsed = parseId(id)
  return parsed === undefined ? undefined : unpackId(parsed).zone
}

function mostFrequent(numbers: readonly (number | undefined)[]): number | undefined {
  const counts = Map.groupBy(numbers, (number) => number)
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
}
