import type { ScenarioText } from '../drills/built-in.ts'
import { type DrillResult, drill } from '../drills/drill.ts'
import type { Beside } from '../drills/parts.ts'
import type { DrillEnd } from '../drills/verdict.ts'
import type { StressResult } from './result.ts'
import { Seconds } from './seconds.ts'
import { type StressOptions, stress } from './stress.ts'

/**
 * Loads the testbed while a drill runs, as long as its clients ask. The drill judges by what its own clients saw, as ever;
 * the load is a further source of records in the same history, second by second, so that the report has both on one axis.
 * @throws what `drill` and `stress` throw
 */
export async function stressDuringDrill(
  options: StressOptions & { readonly scenario: ScenarioText },
): Promise<{ readonly result: StressResult; readonly drilled: DrillResult; readonly end: DrillEnd }> {
  const { scenario, name, seed, signal, tell = () => {}, ...load } = options
  const until = new AbortController()
  const loaded: Promise<StressResult>[] = []
  const beside: Beside = ({ atMsOf, note, forMs, overtimeMs }) => {
    const seconds = new Seconds()
    let beganMs = 0
    const running = stress({
      ...{ ...load, name, seed, signal, tell, until: until.signal },
      // An even load goes on for as long as the drill does; any other has its shape over the time the drill should take.
      forMs: (load.profile ?? 'steady') === 'steady' ? forMs + overtimeMs : forMs,
      onBegun: (epochMs) => {
        beganMs = atMsOf(epochMs)
      },
      onRecord: (record) => seconds.add(record),
    })
    loaded.push(running)
    let noted = false
    const end = async () => {
      until.abort()
      const result = await running.catch(() => null)
      for (const { second, ...figures } of seconds.takeBefore(Number.POSITIVE_INFINITY))
        note({ type: 'load', atMs: beganMs + second * 1_000, ...figures })
      if (result !== null && !noted) note({ type: 'loaded', ...summaryOf(result) })
      noted = true
    }
    running.catch(() => undefined)
    return { end }
  }
  const { result: drilled, end } = await drill({ name, scenario, seed, signal, tell, beside })
  const [running] = loaded
  if (running === undefined) throw new TypeError('the drill has ended without having begun its load')
  const { drill: title, run, verdict, grade, report } = drilled
  const result = await running
  return { result: { ...result, drill: { drill: title, run, verdict, grade, report } }, drilled, end }
}

const summaryOf = (result: StressResult) => {
  const { engine, profile, askedQps, verdict, requests, ok, failed, unknown, dropped, late } = result
  return { engine, profile, askedQps, verdict, requests, ok, failed, unknown, dropped, late }
}
