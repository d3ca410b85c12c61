import { EzoneError } from '@ezone/sdk/errors'
import type { RoutingTable } from '@ezone/sdk/model'
import { findGzs } from '../gzs/find-gzs.ts'
import { findRouter } from '../orders/find-router.ts'
import type { RouterClient } from '../orders/router-client.ts'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { lockedOrders } from './locked-orders.ts'

const atOnce = 8

/** `data` of `order unlock`: a contract, fields are only ever added. */
export interface Unlocked {
  readonly unlocked: readonly string[]
  /** Locked, of a shard that was taken and of which more may be on its way: left alone. */
  readonly unsettled: readonly string[]
  /** Could not be unlocked, with the code that says why. */
  readonly failed: readonly { readonly orderId: string; readonly code: string }[]
}

export interface UnlockOptions {
  readonly name: string
  /** Of its shard more may be on its way to its zone: it is unlocked all the same. */
  readonly acceptLoss: boolean
  readonly signal: AbortSignal
}

/**
 * Lets one order go on as it stands.
 * @throws EZ_NOT_SETTLED while more of it may be on its way; EZ_UNKNOWN_ORDER and what else the platform answers
 */
export async function unlockOne(orderId: string, { name, acceptLoss, signal }: UnlockOptions): Promise<Unlocked> {
  const router = await findRouter(name)
  const { route } = await router.show(orderId, signal)
  const unsettled = await (await findGzs(name)).unsettled(signal)
  if (unsettled.includes(route.shard) && !acceptLoss)
    throw new EzoneError('EZ_NOT_SETTLED', `of order ${orderId} more may be on its way to ${route.zone}`, {
      hint: 'It is free by itself when all has arrived. --accept-loss unlocks it as it stands.',
    })
  await unlock(router, orderId, signal)
  return { unlocked: [orderId], unsettled: [], failed: [] }
}

/** Every locked order of which nothing is on its way any more, a few at once. */
export async function unlockAll({ name, acceptLoss, signal }: UnlockOptions): Promise<Unlocked> {
  const [router, gzs, testbed] = await Promise.all([
    findRouter(name),
    findGzs(name),
    openTestbed(folders().state, name),
  ])
  const [table, unsettled] = await Promise.all([gzs.table(signal), gzs.unsettled(signal)])
  const zones = testbed.blueprint.zones.map((zone) => zone.name)
  const found = await Promise.all(zones.map(async (zone) => await lockedOrders(testbed, zone, ownedBy(table, zone))))
  const locked = found.flatMap((orders) => orders ?? [])
  const waits = (shard: number) => !acceptLoss && unsettled.includes(shard)
  const due = locked.filter(({ shard }) => !waits(shard)).map(({ orderId }) => orderId)
  const [unlocked, failed]: [string[], { orderId: string; code: string }[]] = [[], []]
  for (let i = 0; i < due.length; i += atOnce)
    await Promise.all(
      due.slice(i, i + atOnce).map(async (orderId) => {
        try {
          await unlock(router, orderId, signal)
          unlocked.push(orderId)
        } catch (error) {
          if (!EzoneError.is(error)) throw error
          failed.push({ orderId, code: error.code })
        }
      }),
    )
  return { unlocked, unsettled: locked.filter(({ shard }) => waits(shard)).map(({ orderId }) => orderId), failed }
}

/** None is no shard at all, not all of them. */
const ownedBy = ({ shards }: RoutingTable, zone: string): readonly number[] => [
  0,
  ...shards.filter((entry) => entry.zone === zone).map(({ shard }) => shard),
]

const unlock = (router: RouterClient, orderId: string, signal: AbortSignal) =>
  router.send({ method: 'POST', path: `/orders/${encodeURIComponent(orderId)}/unlock`, body: {}, signal })
