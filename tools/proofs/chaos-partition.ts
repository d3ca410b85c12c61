import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import { killNow } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof } from '../proof.ts'
import { reportOf, Whole } from '../prove/whole.ts'

const leaseSeconds = 30

export const proof: Proof = {
  statement:
    '`ezone chaos --partition bj-sh --for 30s` under load: both zones keep their own orders (>= 99.9 % ok), removal ' +
    'proven, `drc verify` equal after; the same with CLI and agent killed with -9 in the middle',
  limitMs: 10 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    await whole.warmUp()
    return { left: await partition(whole, false, signal), killed: await partition(whole, true, signal) }
  },
}

async function partition(whole: Whole, kill: boolean, signal: AbortSignal) {
  const load = whole.load(50, leaseSeconds + 15, 'place=70,show=20,pay=10')
  await sleep(4_000, undefined, { signal })
  const { child, answer } = whole.cli.start('chaos', '--partition', 'bj-sh', '--for', `${leaseSeconds}s`)
  await sleep(10_000, undefined, { signal })
  if (kill) {
    killNow(child.pid)
    killNow((await whole.run<{ agent: number | null }>('status')).agent)
  }
  await Promise.all([answer.catch(() => undefined), load])
  const fault = await ended(whole, signal)
  mustBe(fault.effect.proven && fault.effect.by === 'paths', 'the effect was not shown')
  mustBe(fault.removal.proven && fault.removal.by === 'paths', 'the removal was not shown')
  const perZone = Object.entries(reportOf(await load).perZone).map(([zone, { requests, ok }]) => ({
    zone,
    requests,
    share: ok / requests,
  }))
  mustBe(perZone.length === 2, `orders were placed in ${perZone.map(({ zone }) => zone).join()} alone`)
  for (const { zone, share } of perZone) mustBe(share >= 0.999, `${zone} answered ${(share * 100).toFixed(2)} % well`)
  const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
  mustBe(equal, 'the zones differ')
  return { perZone, effect: fault.effect, removal: fault.removal, why: fault.why, equal }
}

/** The last fault, once it is over; asking for it starts an agent where there is none. */
async function ended(whole: Whole, signal: AbortSignal): Promise<FaultReport> {
  for (;;) {
    const { faults } = await whole.run<{ faults: readonly FaultReport[] }>('chaos', 'status')
    const last = faults.at(-1)
    mustBe(last !== undefined, 'there is no fault')
    if (last.state === 'ended') return last
    await sleep(1_000, undefined, { signal })
  }
}
