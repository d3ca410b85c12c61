import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DrillResult } from '../../testbed/drills/drill.ts'
import { runFiles } from '../../testbed/drills/run-folder.ts'
import { mustBe, type ProofContext } from '../proof.ts'
import { recount } from '../recount.ts'
import { looks, openBrowser, wrongWith } from './browser.ts'

/** What is told of a drill that ended as it must. */
export interface Told {
  readonly grade: string | null
  readonly rtoMs: number | null
  readonly rpoOrders: number
  readonly acknowledged: number
  readonly tookMs: number
}

/** The verdict is valid, every claim held, and RTO and RPO counted again from the raw history are the same. */
export async function mustHold(name: string, result: DrillResult): Promise<Told> {
  const { verdict, why, claims, grade, rtoMs, rpoOrders, tookMs } = result
  mustBe(verdict === 'valid', `${name} is ${verdict}: ${why.join('; ')}`)
  const open = claims.filter((claim) => claim.verdict !== 'valid').map((claim) => claim.name)
  mustBe(open.length === 0, `${name} is valid although not every claim is: ${open.join(', ')}`)
  const again = recount(await readFile(join(dirname(pageOf(result)), runFiles.history), 'utf8'))
  mustBe(again.rtoMs === rtoMs, `${name}: an RTO of ${rtoMs} ms, counted again ${again.rtoMs}`)
  const [told, counted] = [rpoOrders.toSorted().join(' '), again.rpoOrders.join(' ')]
  mustBe(told === counted, `${name}: an RPO of [${told}], counted again [${counted}]`)
  return { grade, rtoMs, rpoOrders: rpoOrders.length, acknowledged: again.acknowledged, tookMs }
}

/** Opens the report of every run in a browser, in every way people look at it; returns how often that was. */
export async function mustBeDrawn(results: readonly DrillResult[], context: ProofContext): Promise<number> {
  await using browser = await openBrowser(context)
  for (const result of results)
    for (const look of looks) {
      context.signal.throwIfAborted()
      const wrong = await wrongWith(browser, pageOf(result), look)
      mustBe(wrong.length === 0, `the report of ${result.run}, ${JSON.stringify(look)}: ${wrong.join('; ')}`)
    }
  return results.length * looks.length
}

function pageOf({ run, report }: DrillResult): string {
  mustBe(report !== null, `${run} has no report`)
  return report
}
