import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

const cities = ['Shanghai', 'Beijing', 'Guangzhou', 'Xian', 'Chengdu', 'Hangzhou']

export const proof: Proof = {
  statement:
    'Conflicting writes to the same rows in both zones during a cut (by a test client that writes to MySQL directly): converged after, every loser in the conflict table',
  limitMs: 5 * 60_000,
  async see() {
    await using whole = await Whole.up()
    const orders: { readonly orderId: string }[] = []
    for (const city of [...cities, ...cities]) orders.push(await whole.place(city))
    await equal(whole)
    await whole.run('links', 'cut', 'bj-sh', '--for', '60s')
    const ids = orders.map(({ orderId }) => orderId)
    // Who writes last wins; one in three is deleted in sh, some before and some after the change in bj.
    for (const [index, id] of ids.entries()) {
      const bj = () => whole.rows('bj', 'UPDATE delivery.orders SET amount_fen = 111 WHERE order_id = ?', [id])
      const inSh =
        index % 3 === 0
          ? 'DELETE FROM delivery.orders WHERE order_id = ?'
          : 'UPDATE delivery.orders SET amount_fen = 222 WHERE order_id = ?'
      const sh = () => whole.rows('sh', inSh, [id])
      await (index % 2 === 0 ? bj() : sh())
      await (index % 2 === 0 ? sh() : bj())
    }
    await whole.run('links', 'join', 'bj-sh')
    await equal(whole)
    const wrong = await judge(whole, ids)
    mustBe(wrong.length === 0, wrong.join('; '))
    const { conflicts } = await whole.run<{ conflicts: readonly Lost[] }>('drc', 'conflicts', '--limit', '1000')
    const missing = ids.filter((id, index) => !isKept(conflicts, id, index))
    mustBe(missing.length === 0, `no loser is kept of ${missing.join(', ')}`)
    return { rows: ids.length, conflicts: conflicts.length, converged: true }
  },
}

interface Lost {
  readonly zone: string
  readonly key: string
  readonly loserImage: { readonly amount_fen?: unknown } | null
}

/** In both zones, and with the image that lost; of a delete there is none but that of the row it removed. */
function isKept(conflicts: readonly Lost[], id: string, index: number): boolean {
  const lost = index % 2 === 0 ? '111' : index % 3 === 0 ? null : '222'
  return ['bj', 'sh'].every((zone) =>
    conflicts.some(
      (one) => one.zone === zone && one.key === id && (lost === null || String(one.loserImage?.amount_fen) === lost),
    ),
  )
}

/** Of each row the last write of the two must stand, in both zones. */
async function judge(whole: Whole, ids: readonly string[]): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const [index, id] of ids.entries()) {
    const lastWasSh = index % 2 === 0
    const wanted = lastWasSh ? (index % 3 === 0 ? 'gone' : '222') : '111'
    for (const zone of ['bj', 'sh']) {
      const [row] = await whole.rows(zone, 'SELECT amount_fen FROM delivery.orders WHERE order_id = ?', [id])
      const is = row === undefined ? 'gone' : String(row.amount_fen)
      if (is !== wanted) wrong.push(`order ${id} in ${zone} is ${is}, the last write made it ${wanted}`)
    }
  }
  return wrong
}

async function equal(whole: Whole): Promise<void> {
  const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
  mustBe(equal, 'the zones differ')
}
