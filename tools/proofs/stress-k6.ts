import type { StressResult } from '../../testbed/stress/result.ts'
import { mustBe, type Proof } from '../proof.ts'
import { done, Whole } from '../prove/whole.ts'

export const proof: Proof = {
  statement:
    "`ezone stress --qps 300 --for 30s` valid with both zones in the report, k6's own summary agrees on count and percentiles (<= 1 %); `--qps 5000` valid, or VOID with the true limit and its cause",
  limitMs: 10 * 60_000,
  async see() {
    await using whole = await Whole.up()
    done(await whole.cli.run('servers', 'fetch', 'k6'))
    await whole.warmUp()
    const three = await whole.cli.run('stress', '--qps', '300', '--for', '30s', '--engine', 'k6', '--seed', '7')
    const held = three.data as StressResult
    mustBe(three.exit === 0, `300/s: exit ${three.exit}, ${three.error?.message}`)
    mustBe(held.verdict === 'valid' && held.profile === 'steady', `300/s is ${held.verdict}`)
    const zones = Object.keys(held.perZone).sort()
    mustBe(zones.join() === 'bj,sh', `it was answered by ${zones}`)
    const { k6 } = held
    mustBe(k6?.agrees === true, `k6 and its output: ${JSON.stringify(k6)}`)
    mustBe(held.cpuPerHop.k6 !== undefined, 'what k6 spent is not among the hops')

    const full = await whole.cli.run('stress', '--qps', '5000', '--for', '20s', '--engine', 'k6', '--seed', '7')
    const limit = full.data as StressResult
    mustBe(limit.k6?.agrees === true, `k6 and its output at 5,000/s: ${JSON.stringify(limit.k6)}`)
    if (limit.verdict !== 'valid') {
      mustBe(limit.verdict === 'void' && full.exit === 8, `5,000/s is ${limit.verdict}, exit ${full.exit}`)
      mustBe((limit.highestQps ?? 0) > 0 && limit.limitedBy !== null, 'neither limit nor cause is named')
    }
    return { at300: told(held), at5000: { ...told(limit), steps: limit.steps, exit: full.exit } }
  },
}

const told = (result: StressResult) => {
  const { verdict, heldQps, highestQps, requests, failed, unknown, dropped, late, p50Ms, p99Ms } = result
  const { perZone, limitedBy, generatorCpu, k6, cpuPerHop } = result
  return {
    ...{ verdict, heldQps, highestQps, requests, failed, unknown, dropped, late, p50Ms, p99Ms },
    ...{ perZone, limitedBy, generatorCpu, k6, cpuPerHop },
  }
}
