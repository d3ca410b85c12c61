import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

const races = 40
/** The master of the Global Zone is in bj: with the same start bj would always win. So sh gets a lead, of another length each time. */
const leadsMs = [0, 15, 30, 45]
const lookMs = 200
const arrivedMs = 20_000

export const proof: Proof = {
  statement: 'Same phone registered in both zones at once: exactly one wins',
  limitMs: 4 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    const won = { bj: 0, sh: 0 }
    for (let race = 0; race < races; race++) {
      const phone = `13${String(800_000_000 + race)}`
      const leadMs = leadsMs[race % leadsMs.length] ?? 0
      const [sh, bj] = await Promise.all([
        register(whole, phone, '31.23,121.47'),
        sleep(leadMs, undefined, { signal }).then(() => register(whole, phone, '39.9,116.4')),
      ])
      mustBe((bj.status === 201) !== (sh.status === 201), `${phone}: ${JSON.stringify([bj, sh])}`)
      const loser = bj.status === 201 ? sh : bj
      mustBe(loser.code === 'EZ_PHONE_TAKEN', `the loser of ${phone} was told ${loser.code}`)
      won[bj.status === 201 ? 'bj' : 'sh']++
    }
    const rows = { bj: await usersIn(whole, 'bj', signal), sh: await usersIn(whole, 'sh', signal) }
    mustBe(JSON.stringify(rows.bj) === JSON.stringify(rows.sh), 'the zones do not have the same users')
    return { races, won, usersInBothZones: rows.bj.length }
  },
}

async function register(whole: Whole, phone: string, geo: string) {
  const answer = await fetch(`${whole.env.EZONE_EDGE_ROUTER_URL}/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-ezone-tag': `geo=${geo}` },
    body: JSON.stringify({ phone }),
  })
  const { error } = (await answer.json()) as { error?: { code: string } }
  return { status: answer.status, code: error?.code ?? null }
}

/** What a zone's part of the Global Zone has, once it has one user per phone. */
async function usersIn(whole: Whole, zone: string, signal: AbortSignal): Promise<readonly string[]> {
  const uri = whole.env[`EZONE_${zone.toUpperCase()}_MYSQL_GLOBAL_URL`] ?? ''
  await using connection = await createConnection({ uri, supportBigNumbers: true, bigNumberStrings: true })
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    const sql = 'SELECT phone, user_id FROM accounts.users ORDER BY phone, user_id'
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    mustBe(new Set(rows.map((row) => row.phone)).size === rows.length, `a phone has two users in ${zone}`)
    if (rows.length === races) return rows.map((row) => `${row.phone} ${row.user_id}`)
    mustBe(waitedMs < arrivedMs, `${zone} has ${rows.length} users of ${races}`)
    await sleep(lookMs, undefined, { signal })
  }
}
