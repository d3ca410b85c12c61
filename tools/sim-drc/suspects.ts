import type { OwnWrite } from './client.ts'
import { type Ground, ordersTable, type Zone } from './ground.ts'
import { patiently, StoreTrouble } from './locks.ts'
import { stampedUpdate } from './triggers.ts'
import type { Process } from './world.ts'

/**
 * Locks the rows whose conflict reaches across a takeover, as src/drc/apply/lock-suspects.ts does: each by a change made
 * here, struck off the conflict log in the same transaction.
 *
 * @param committed told of each at once, for the process may end at any wait
 */
export async function lockSuspects(
  ground: Ground,
  { zone, process, committed }: { zone: Zone; process: Process; committed: (write: OwnWrite) => void },
): Promise<void> {
  for (const conflict of zone.store.conflicts.filter((noted) => noted.lock && !zone.store.struck.has(noted))) {
    // It writes under the fence, so only where it owns the shard.
    if (zone.store.takenEpoch === 0) continue
    const key = { table: ordersTable, pk: conflict.pk }
    const open = zone.store.begin('', true)
    try {
      await process.wait(0, 3)
      const { row, ver } = await patiently(process, open, () => open.row(key))
      open.struck.push(conflict)
      const epoch = zone.epoch
      const image = row && { ...row, epoch, locked: 1 }
      const given = image && stampedUpdate(open, { key, image, site: ground.site(zone) })
      await process.wait(0, 2)
      open.commit()
      if (image && given !== null)
        committed({
          ...{ zone: zone.name, key: conflict.pk, op: 'update', ver: given, saw: ver, epoch },
          image: { ...image, drc_ver: String(given) },
        })
    } catch (error) {
      if (!(error instanceof StoreTrouble)) throw error
    } finally {
      open.rollBack()
    }
  }
}
