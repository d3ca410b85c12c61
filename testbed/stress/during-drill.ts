import type { ScenarioText } from '../drills/built-in.ts'
import { type DrillResult, drill } from '../drills/drill.ts'
import type { Beside } from '../drills/parts.ts'
import type { DrillEnd } from '../drills/verdict.ts'
import type { Entry } from '../ledger/history.ts'
import type { StressResult } from './result.ts'
import { Seconds } from './seconds.ts'
import { prepareLoad, type StressOptions } from './stress.ts'

/**
 * Loads the testbed while a drill runs, as long as its clients ask. The drill judges by what its own clients saw, as ever;
 * the load is a further source of records in the same history, second by second, so that the report has both on one axis.
 * @throws what `drill` and `stress` throw
 */
export async function stressDuringDrill(
  options: StressOptions & { readonly scenario: ScenarioText },
): Promise<{ readonly result: StressResult; readonly drilled: DrillResult; readonly end: DrillEnd }> {
  const { scenario, ...load } = options
  const { name, seed, signal, tell = () => {} } = load
  await using made = new AsyncDisposableStack()
  const performed: Promise<StressResult>[] = []
  const beside: Beside = async ({ forMs, overtimeMs }) => {
    const written = new WrittenLoad()
    const until = new AbortController()
    const ready = made.use(
      await prepareLoad({
        ...load,
        until: until.signal,
        // An even load goes on for as long as the drill does; any other has its shape over the time the drill should take.
        forMs: (load.profile ?? 'steady') === 'steady' ? forMs + overtimeMs : forMs,
        onBegun: (epochMs) => written.begin(epochMs),
        onRecord: (record) => written.seconds.add(record),
      }),
    )
    return ({ atMsOf, note }) => {
      const running = ready.perform()
      performed.push(running)
      // Whoever ends it hears of it.
      running.catch(() => undefined)
      const end = async () => {
        until.abort()
        const result = await running.catch(() => null)
        written.write(result, atMsOf, note)
      }
      return { end }
    }
  }
  const { result: drilled, end } = await drill({ name, scenario, seed, signal, tell, beside })
  const { drill: title, run, verdict, grade, report } = drilled
  const [running] = performed
  if (running === undefined) throw new TypeError('the drill has ended without having begun its load')
  return { result: { ...(await running), drill: { drill: title, run, verdict, grade, report } }, drilled, end }
}

/** What goes into the history, once. */
class WrittenLoad {
  readonly seconds = new Seconds()
  #begunAtMs: number | null = null
  #summed = false

  begin(epochMs: number): void {
    this.#begunAtMs = epochMs
  }

  write(result: StressResult | null, atMsOf: (epochMs: number) => number, note: (entry: Entry) => void): void {
    const beganMs = this.#begunAtMs === null ? 0 : atMsOf(this.#begunAtMs)
    for (const { second, ...figures } of this.seconds.takeBefore(Number.POSITIVE_INFINITY))
      note({ type: 'load', atMs: beganMs + second * 1_000, ...figures })
    if (result === null || this.#summed) return
    this.#summed = true
    const { engine, profile, askedQps, verdict, requests, ok, failed, unknown, dropped, late } = result
    note({ type: 'loaded', engine, profile, askedQps, verdict, requests, ok, failed, unknown, dropped, late })
  }
}
