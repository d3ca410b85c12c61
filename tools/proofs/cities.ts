import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { Cli } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof } from '../proof.ts'

interface City {
  readonly city: string
  readonly lat: number
  readonly lng: number
  readonly shard: string
}

export const proof: Proof = {
  statement:
    "Every city of the data placed: each order in the zone of its shard (Xiamen by nearest fence), and in no other zone's MySQL",
  limitMs: 10 * 60_000,
  async see({ root }) {
    const cities = await readCities(root)
    const homes = await readHomes(root)
    await using cli = await Cli.open()
    mustBe((await cli.up()).error === null, 'up failed')
    const { env } = (await cli.run('status', '--env')).data as unknown as { env: Record<string, string> }
    const placed = new Map<string, { zone: string; rule: string; city: string }>()
    for (const { city, lat, lng, shard } of cities) {
      const answer = await fetch(`${env.EZONE_EDGE_ROUTER_URL}/orders`, {
        method: 'POST',
        headers: { 'x-ezone-tag': `geo=${lat},${lng}`, 'content-type': 'application/json' },
        body: JSON.stringify({}),
      })
      mustBe(answer.status === 201, `${city}: ${answer.status} ${await answer.clone().text()}`)
      const said = answer.headers.get('x-ezone') ?? ''
      const { orderId } = (await answer.json()) as { orderId: string }
      mustBe(said.includes(`shard=${shard}`), `${city} of shard ${shard} went to ${said}`)
      placed.set(orderId, { zone: homes.get(shard) ?? '', rule: /rule=([^;]+)/.exec(said)?.[1] ?? '', city })
    }
    const rows = { bj: await ordersIn(env, 'BJ'), sh: await ordersIn(env, 'SH') }
    for (const [id, { zone, city }] of placed)
      for (const [name, ids] of Object.entries(rows))
        mustBe(
          ids.has(id) === (name === zone),
          `the order of ${city} is ${ids.has(id) ? '' : 'not '}in ${name}, its zone is ${zone}`,
        )
    const xiamen = [...placed.values()].find((p) => p.city === 'Xiamen')
    mustBe(xiamen?.rule !== 'geo', `Xiamen went by ${xiamen?.rule}`)
    return { cities: placed.size, bj: rows.bj.size, sh: rows.sh.size, xiamenBy: xiamen?.rule, strays: 0 }
  },
}

async function ordersIn(env: Record<string, string>, zone: string): Promise<ReadonlySet<string>> {
  await using connection = await createConnection({
    uri: env[`EZONE_${zone}_MYSQL_URL`] ?? '',
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  const [tables] = await connection.query(
    "SELECT table_schema AS name FROM information_schema.tables WHERE table_name = 'orders'",
  )
  const schema = (tables as { name: string }[])[0]?.name ?? 'ezone'
  const [rows] = await connection.query(`SELECT CAST(order_id AS CHAR) AS id FROM \`${schema}\`.orders`)
  return new Set((rows as { id: string }[]).map((row) => row.id))
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
