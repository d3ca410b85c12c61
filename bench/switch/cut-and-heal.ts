import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { AgentClient } from '../../testbed/agent/client.ts'
import { heal, inject } from '../../testbed/chaos/client.ts'
import { mustBe } from '../../tools/proof.ts'
import type { Whole } from '../../tools/prove/whole.ts'
import { atMost, busy, type Measured, median, merely } from '../plane/figures.ts'

const betweenMs = 2_000

/** A link of a whole testbed is cut and healed again and again: how far apart its proxies are, and when it is shown. */
export async function cutAndHeal(whole: Whole, { rounds }: { rounds: number }): Promise<Measured> {
  const before = busy()
  const agent = new AgentClient(whole.cli.folder())
  const signal = new AbortController().signal
  const cut: { skewMs: number; provenMs: number; healMs: number; paths: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const beginMs = systemClock.monotonicMs()
    const fault = await inject(agent, { kind: 'partition', target: 'bj-sh', forMs: 60_000 }, signal)
    const cutMs = systemClock.monotonicMs()
    mustBe(fault.effect.proven, `cut ${round} was not shown: ${fault.effect.against.join(', ')}`)
    const [healed] = await heal(agent, [fault.id], signal)
    const healMs = systemClock.monotonicMs() - cutMs
    mustBe(healed?.removal.proven === true, `heal ${round} was not shown`)
    cut.push({ skewMs: fault.skewMs, provenMs: cutMs - beginMs, healMs, paths: fault.effect.samples })
    await sleep(betweenMs)
  }
  const skew = cut.map(({ skewMs }) => skewMs)
  const healing = cut.map(({ healMs }) => healMs)
  return {
    figures: [
      atMost('cut of all bj-sh paths, first proxy to last, median', median(skew), 'ms', 50),
      merely('the same, worst', Math.max(...skew), 'ms'),
      atMost('heal asked to heal proven, median', median(healing) / 1_000, 's', 3),
      merely('the same, worst', Math.max(...healing) / 1_000, 's'),
      merely('cut asked to cut proven, median', median(cut.map(({ provenMs }) => provenMs)) / 1_000, 's'),
    ],
    load: [before, busy()],
    notes: { rounds, paths: cut[0]?.paths ?? 0 },
  }
}
