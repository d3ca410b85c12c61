import { setTimeout as sleep } from 'node:timers/promises'
import type { Explained } from '../../testbed/explain/explained.ts'
import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

const cutS = 6
const lookMs = 200
const arrivedMs = 20_000

export const proof: Proof = {
  statement: '`ezone explain` of a normal, a moved and a lagging order',
  limitMs: 5 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    return {
      normal: await normal(whole, signal),
      lagging: await lagging(whole, signal),
      moved: await moved(whole, signal),
    }
  },
}

const explain = (whole: Whole, orderId: string) => whole.run<Explained>('explain', orderId)

/** Until it is the same in both zones. */
async function settled(whole: Whole, orderId: string, signal: AbortSignal): Promise<Explained> {
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    const explained = await explain(whole, orderId)
    if (explained.agreement === 'equal') return explained
    mustBe(waitedMs < arrivedMs, `${orderId} is still ${explained.agreement}`)
    await sleep(lookMs, undefined, { signal })
  }
}

async function normal(whole: Whole, signal: AbortSignal) {
  const { orderId } = await whole.place('Shanghai')
  const explained = await settled(whole, orderId, signal)
  mustBe(explained.zone === 'sh' && !explained.moved && explained.history.length === 0, 'it was moved')
  mustBe(decisions(explained) === 'sh through, bj EZ_WRONG_ZONE_WRITE', decisions(explained))
  const where = new Set(explained.traces.map((trace) => trace.where))
  for (const hop of ['sh/orders', 'sh/kafka']) mustBe(where.has(hop), `its trace was not met at ${hop}`)
  return told(explained)
}

async function lagging(whole: Whole, signal: AbortSignal) {
  await whole.run('links', 'cut', 'bj-sh', '--for', '60s')
  const { orderId } = await whole.place('Shanghai')
  const early = await explain(whole, orderId)
  await sleep(cutS * 1_000, undefined, { signal })
  const explained = await explain(whole, orderId)
  mustBe(early.agreement === 'lagging' && explained.agreement === 'lagging', `it is ${explained.agreement}`)
  const [sh, bj] = explained.zones
  mustBe(sh?.row?.state === 'created' && sh.behindMs === 0, 'its own zone does not have it')
  mustBe(bj?.row === null && (bj.behindMs ?? 0) > cutS * 1_000, `it is ${bj?.behindMs} ms behind in bj`)
  await whole.run('links', 'join', 'bj-sh')
  await settled(whole, orderId, signal)
  return { ...told(explained), behindMs: bj.behindMs, lane: bj.lane?.state ?? null, afterJoin: 'equal' }
}

async function moved(whole: Whole, signal: AbortSignal) {
  const { orderId } = await whole.place('Shanghai')
  await whole.run('shard', 'move', '31', '--to', 'bj', '--why', 'to explain it')
  const there = await settled(whole, orderId, signal)
  mustBe(there.moved && there.zone === 'bj' && there.id.madeIn === 'sh', `it is in ${there.zone}`)
  mustBe(
    there.history.some(({ why }) => why.includes('to explain it')),
    'nobody knows why it was moved',
  )
  mustBe(decisions(there) === 'bj through, sh EZ_WRONG_ZONE_WRITE', decisions(there))
  await whole.run('order', 'advance', orderId, '--to', 'paid')
  const paid = await settled(whole, orderId, signal)
  const row = paid.zones[0]?.row
  mustBe(row?.state === 'paid' && row.writtenIn === 'bj' && row.epoch === paid.epoch, 'the new zone did not write it')
  return { ...told(paid), history: paid.history.map(({ before, after }) => `${before} -> ${after}`) }
}

const told = ({ zone, epoch, agreement, ...explained }: Explained) => ({
  zone,
  epoch,
  agreement,
  decisions: decisions({ zone, epoch, agreement, ...explained }),
})

/** What the DAL of each zone says to a write, the serving zone first. */
const decisions = ({ zones }: Explained) =>
  zones
    .map(({ zone, decision }) => `${zone} ${decision?.kind === 'refuse' ? decision.code : decision?.kind}`)
    .join(', ')
