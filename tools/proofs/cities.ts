import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

interface City {
  readonly city: string
  readonly lat: number
  readonly lng: number
  readonly shard: string
}

interface Placed {
  readonly city: string
  readonly zone: string
  readonly rule: string
}

const numberOf: Readonly<Record<string, number>> = { bj: 1, sh: 2 }
const lookMs = 200
const arrivedMs = 30_000

export const proof: Proof = {
  statement:
    'Every city of the data placed: each order in the zone of its shard (Xiamen by nearest fence), and written by no other zone; its copy arrives there as it is',
  limitMs: 10 * 60_000,
  async see({ root, signal }) {
    const [cities, homes] = await Promise.all([readCities(root), readHomes(root)])
    await using whole = await Whole.up()
    const placed = new Map<string, Placed>()
    for (const city of cities) {
      const { orderId, rule } = await place(whole, city, signal)
      placed.set(orderId, { city: city.city, rule, zone: homes.get(city.shard) ?? '' })
    }
    mustBe(placed.size === cities.length, `${placed.size} orders of ${cities.length} cities`)
    const perZone = { bj: await writtenIn(whole, 'bj', placed), sh: await writtenIn(whole, 'sh', placed) }
    const copies = {
      bj: await arrivedIn(whole, 'bj', placed, signal),
      sh: await arrivedIn(whole, 'sh', placed, signal),
    }
    mustBe((await whole.run<{ equal: boolean }>('drc', 'verify')).equal, 'the zones differ')
    const xiamen = [...placed.values()].find(({ city }) => city === 'Xiamen')
    mustBe(xiamen !== undefined && xiamen.rule !== 'geo', `Xiamen went by ${xiamen?.rule}`)
    return { cities: placed.size, ...perZone, copies, xiamenBy: xiamen.rule, strays: 0 }
  },
}

async function place(whole: Whole, { city, lat, lng, shard }: City, signal: AbortSignal) {
  const answer = await fetch(`${whole.env.EZONE_EDGE_ROUTER_URL}/orders`, {
    method: 'POST',
    headers: { 'x-ezone-tag': `geo=${lat},${lng}`, 'content-type': 'application/json' },
    body: '{}',
    signal,
  })
  const text = await answer.text()
  mustBe(answer.status === 201, `${city}: ${answer.status} ${text}`)
  const said = answer.headers.get('x-ezone') ?? ''
  mustBe(said.includes(`shard=${shard};`), `${city} of shard ${shard} went to ${said}`)
  return { orderId: (JSON.parse(text) as { orderId: string }).orderId, rule: /rule=([^;]+)/.exec(said)?.[1] ?? '' }
}

/** The orders that a zone itself wrote must be those of its own shards, all of them and no others. */
async function writtenIn(whole: Whole, zone: string, placed: ReadonlyMap<string, Placed>): Promise<number> {
  const written = await idsIn(whole, zone, 'drc_ver & 15 = ?')
  const own = new Set([...placed].filter(([, order]) => order.zone === zone).map(([id]) => id))
  const cityOf = (ids: ReadonlySet<string>) => [...ids].slice(0, 3).map((id) => placed.get(id)?.city ?? id)
  mustBe(written.isSubsetOf(own), `${zone} wrote ${cityOf(written.difference(own))}, which are not its own`)
  mustBe(own.isSubsetOf(written), `${zone} did not write ${cityOf(own.difference(written))}`)
  return written.size
}

/** What other zones wrote, once all of it is here. */
async function arrivedIn(whole: Whole, zone: string, placed: ReadonlyMap<string, Placed>, signal: AbortSignal) {
  const others = new Set([...placed].filter(([, order]) => order.zone !== zone).map(([id]) => id))
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    const copies = await idsIn(whole, zone, 'drc_ver & 15 <> ?')
    if (others.symmetricDifference(copies).size === 0) return copies.size
    mustBe(waitedMs < arrivedMs, `${copies.size} of ${others.size} copies are in ${zone}`)
    await sleep(lookMs, undefined, { signal })
  }
}

/** By who wrote a row last: the zone's number stands in the low bits of its version. */
async function idsIn(whole: Whole, zone: string, who: string): Promise<ReadonlySet<string>> {
  const sql = `SELECT CAST(order_id AS CHAR) AS id FROM delivery.orders WHERE ${who}`
  return new Set((await whole.rows(zone, sql, [numberOf[zone] ?? 0])).map((row) => String(row.id)))
}

async function readCities(root: string): Promise<readonly City[]> {
  const [head = '', ...lines] = (await readFile(join(root, 'data', 'cells.csv'), 'utf8')).trim().split('\n')
  const at = (name: string) => head.split(',').indexOf(name)
  return lines.map((line) => {
    const fields = line.split(',')
    const field = (name: string) => fields[at(name)] ?? ''
    return { city: field('city'), lat: Number(field('lat')), lng: Number(field('lng')), shard: field('shard') }
  })
}

async function readHomes(root: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await readFile(join(root, 'data', 'fences', 'shards-31.csv'), 'utf8')).trim().split('\n').slice(1)
  return new Map(lines.map((line) => [line.split(',')[0] ?? '', line.split(',')[6] ?? '']))
}
