import { broken, type Finding, holds, unknown } from './finding.ts'
import { type CheckGround, movedAway } from './ground.ts'
import { isDone, toldText } from './service-client.ts'
import { unread, Writers } from './writers.ts'

/**
 * Writes to both zones while a shard moves away and back: each is done in the zone that the shard is in then, none fails,
 * and what was written before is there afterwards.
 */
export async function followsMoves(ground: CheckGround): Promise<Finding> {
  const { client, sides, key } = ground
  const [home, other] = sides
  const early = key()
  const first = await client.write(home.tag, early)
  if (!isDone(first)) return unknown(`a write was answered with ${toldText(first)} before anything moved`)
  const writers = new Writers(ground)
  try {
    await using _ = await movedAway(ground, home.shard, { from: home.zone, to: other.zone })
    const there = await client.write(home.tag, key())
    if (!isDone(there) || there.zone !== other.zone)
      return broken(writers.asked, `after shard ${home.shard} moved to ${other.zone} a write got ${toldText(there)}`)
    const again = await client.write(home.tag, early)
    if (again.id !== first.id)
      return broken(writers.asked, `a request sent again after the move was told of ${again.id}, not ${first.id}`)
  } finally {
    await writers.end()
  }
  const back = await client.write(home.tag, key())
  if (!isDone(back) || back.zone !== home.zone)
    return broken(writers.asked, `after shard ${home.shard} came back to ${home.zone} a write got ${toldText(back)}`)
  const [failed] = writers.failed
  if (failed !== undefined) return broken(writers.asked, `a write of a planned move failed: ${toldText(failed)}`)
  const [missing] = await unread(ground, writers.acknowledged)
  if (missing !== undefined) return broken(writers.asked, lostText(missing))
  return holds(writers.asked)
}

export const lostText = ({ id, side, read }: Awaited<ReturnType<typeof unread>>[number]): string =>
  `${id} was acknowledged in shard ${side.shard}, and cannot be read: ${toldText(read)}`
