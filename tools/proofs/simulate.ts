import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

const terminal = ['delivered', 'cancelled']

export const proof: Proof = {
  statement: '`ezone simulate`: every order ends in a terminal state in its own zone',
  limitMs: 8 * 60_000,
  async see() {
    await using whole = await Whole.up()
    const data = await whole.run<Readonly<Record<string, unknown>>>(
      'simulate',
      '--minutes',
      '5',
      '--speed',
      '60',
      '--seed',
      '7719',
    )
    const open = await whole.rows(
      'bj',
      `SELECT COUNT(*) AS n FROM delivery.orders WHERE state NOT IN ('${terminal.join("','")}')`,
    )
    const [all] = await whole.rows(
      'bj',
      'SELECT COUNT(*) AS n, SUM(state = "delivered") AS delivered FROM delivery.orders',
    )
    mustBe(Number(all?.n) > 50, `only ${all?.n} orders were made`)
    mustBe(Number(open[0]?.n) === 0, `${open[0]?.n} orders are in no terminal state`)
    const [strays] = await whole.rows(
      'bj',
      "SELECT COUNT(*) AS n FROM delivery.orders WHERE drc_ver & 15 <> IF(zone = 'bj', 1, 2)",
    )
    mustBe(Number(strays?.n) === 0, `${strays?.n} orders were last changed outside their zone`)
    mustBe((await whole.run<{ equal: boolean }>('drc', 'verify')).equal, 'the zones differ')
    return { orders: Number(all?.n), delivered: Number(all?.delivered), open: 0, strays: 0, said: data }
  },
}
