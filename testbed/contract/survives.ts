import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { faultsNow } from '../chaos/open-faults.ts'
import { runFailback } from '../failover/failback.ts'
import { runSwitch, type Switched } from '../failover/run-switch.ts'
import { attendRunning } from '../session/open-up.ts'
import { broken, type Finding, holds, unknown } from './finding.ts'
import { lostText } from './follows-moves.ts'
import { type CheckGround, settledRows } from './ground.ts'
import { unread, Writers } from './writers.ts'

const cutMs = 4_000
const healMs = 30_000
const lookEveryMs = 250
const why = 'a check of a service'

/**
 * Writes to both zones while the link between them is cut and joined, one zone is left as planned, and gets back what is
 * its own. Requests may fail on the way; but what was acknowledged is there in the end, in both databases.
 */
export async function survives(ground: CheckGround): Promise<Finding> {
  const { testbed, sides, signal } = ground
  const [home, other] = sides
  const { name } = testbed
  const writers = new Writers(ground)
  try {
    await cutAndHealed(ground)
    const away = await runSwitch({ name, from: home.zone, to: other.zone, mode: 'planned', why, signal })
    // Whatever came of it, what is the zone's own goes back to it.
    const back = await runFailback({ name, home: home.zone, why, signal })
    const stuck = [away, back].find(({ outcome }) => outcome !== 'switched')
    if (stuck !== undefined)
      return unknown(`the switch of ${stuck.from} to ${stuck.to} did not end: ${outcomeText(stuck)}`)
  } finally {
    await writers.end()
  }
  if (writers.acknowledged.length === 0) return unknown('no write was acknowledged')
  const [missing] = await unread(ground, writers.acknowledged)
  if (missing !== undefined) return broken(writers.asked, lostText(missing))
  if ((await settledRows(ground)) === null)
    return broken(writers.asked, 'the zones do not hold the same rows of its tables')
  return holds(writers.asked)
}

const outcomeText = ({ outcome }: Switched) => String(outcome)

/** Returns when the cut has ended, by its lease, and was shown to be gone. */
async function cutAndHealed({ testbed, sides, signal }: CheckGround): Promise<void> {
  const { name, blueprint } = testbed
  const zones = sides.map(({ zone }) => zone)
  const places = blueprint.zones.flatMap((zone) => (zones.includes(zone.name) ? zone.idcs.slice(0, 1) : []))
  const link = blueprint.links.find(({ between }) => between.every((place) => places.includes(place)))
  if (link === undefined) throw new TypeError(`no link joins ${zones.join(' and ')}`)
  const { agent } = await attendRunning(name, signal)
  const body = { link: link.name, direction: null, forMs: cutMs }
  await agent.ask('POST', '/links/cut', body, { ms: 30_000, signal })
  const late = AbortSignal.timeout(healMs)
  while ((await faultsNow(name)).length > 0) {
    if (late.aborted) throw new EzoneError('EZ_FAULT_NOT_REMOVED', `the cut of ${link.name} has not ended in time`)
    await sleep(lookEveryMs, undefined, { signal })
  }
}
