import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

export const proof: Proof = {
  statement: 'A row changed with `sql_log_bin=0` is named by `drc verify` (exit 7)',
  limitMs: 4 * 60_000,
  async see() {
    await using whole = await Whole.up()
    const { orderId } = await whole.place('Shanghai')
    await whole.place('Beijing')
    mustBe((await whole.run<{ equal: boolean }>('drc', 'verify')).equal, 'they differ before anything was done')
    await changedUnlogged(whole, orderId)
    const answer = await whole.cli.run('drc', 'verify')
    mustBe(answer.exit === 7, `it ended with ${answer.exit}`)
    const said = JSON.stringify([answer.data, answer.error])
    mustBe(said.includes(orderId), `it does not name ${orderId}: ${said}`)
    mustBe(answer.error?.message.includes('4242') === true, `it does not say what differs: ${answer.error?.message}`)
    return { exit: answer.exit, code: answer.error?.code, named: answer.error?.message }
  },
}

/** One session: what is set for it ends with it. */
async function changedUnlogged(whole: Whole, orderId: string): Promise<void> {
  const { createConnection } = await import('mysql2/promise')
  const {
    EZONE_SH_MYSQL_HOST: host = '',
    EZONE_SH_MYSQL_PORT: port,
    EZONE_SH_MYSQL_ROOT_PASSWORD: password,
  } = whole.env
  await using root = await createConnection({ host, port: Number(port), user: 'root', password: password ?? '' })
  await root.query('SET SESSION sql_log_bin = 0')
  await root.query('UPDATE delivery.orders SET amount_fen = 4242 WHERE order_id = ?', [orderId])
}
