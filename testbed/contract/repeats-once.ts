import { broken, type Finding, holds, unknown } from './finding.ts'
import { type CheckGround, settledRows } from './ground.ts'
import { isDone, toldText } from './service-client.ts'

const atOnce = 5

/** The same request again, one after the other and several at once: one thing was made, and all are told of that one. */
export async function repeatsOnce(ground: CheckGround): Promise<Finding> {
  const { client, sides, key } = ground
  let checked = 0
  for (const { zone, tag } of sides) {
    const before = await settledRows(ground)
    const single = key()
    const first = await client.write(tag, single)
    if (!isDone(first)) return unknown(`a write was answered with ${toldText(first)}`)
    const one = await settledRows(ground)
    const again = [await client.write(tag, single), await client.write(tag, single)]
    const other = key()
    const same = await Promise.all(Array.from({ length: atOnce }, () => client.write(tag, other)))
    checked += 1 + again.length + same.length
    // Of several at once some may be told to come again; but none of another thing.
    const done = same.filter(isDone)
    const refused = again.find((told) => !isDone(told))
    if (refused !== undefined) return broken(checked, `a request sent again was answered with ${toldText(refused)}`)
    if (done.length === 0) return broken(checked, `of ${atOnce} equal requests at once none was done`)
    if (again.some(({ id }) => id !== first.id)) return broken(checked, differing([first, ...again]))
    if (done.some(({ id }) => id !== done[0]?.id)) return broken(checked, differing(done))
    const rows = await settledRows(ground)
    if (before === null || one === null || rows === null) return unknown('the zones did not come to hold the same rows')
    // Two things were asked for, each several times.
    const wanted = before + (one - before) * 2
    if (rows > wanted)
      return broken(checked, `two things asked for in ${zone} several times have ${rows - wanted} rows too many`)
  }
  return holds(checked)
}

const differing = (told: readonly { readonly id: string | null }[]) =>
  `the same request was told of different things: ${[...new Set(told.map(({ id }) => id))].join(', ')}`
