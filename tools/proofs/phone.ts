import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

const races = 40

export const proof: Proof = {
  statement: 'Same phone registered in both zones at once: exactly one wins',
  limitMs: 4 * 60_000,
  async see() {
    await using whole = await Whole.up()
    const won = { bj: 0, sh: 0 }
    for (let race = 0; race < races; race++) {
      const phone = `13${String(800_000_000 + race)}`
      const [bj, sh] = await Promise.all([register(whole, phone, '39.9,116.4'), register(whole, phone, '31.23,121.47')])
      mustBe((bj.status === 201) !== (sh.status === 201), `${phone}: ${JSON.stringify([bj, sh])}`)
      const loser = bj.status === 201 ? sh : bj
      mustBe(loser.code === 'EZ_PHONE_TAKEN', `the loser of ${phone} was told ${loser.code}`)
      won[bj.status === 201 ? 'bj' : 'sh']++
    }
    return { races, ...won }
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
