import type { InternalTag } from '@ezone/sdk/model'
import { broken, type Finding, holds, unknown } from './finding.ts'
import type { CheckGround, Side } from './ground.ts'
import { isDone, toldText } from './service-client.ts'

const leftMs = 5_000
const stranger = 'a key that nobody of this testbed has'

/**
 * Asks instances themselves for writes that they must refuse: unsigned, signed by somebody else, for another zone, for a
 * shard of another zone, and under an epoch that is over.
 */
export async function refusesForeign(ground: CheckGround): Promise<Finding> {
  const { client, testbed, sides, key } = ground
  let checked = 0
  for (const [own, other] of [sides, sides.toReversed()] as readonly (readonly [Side, Side])[]) {
    const { secret } = testbed.credentials
    const [mine, theirs] = [await tagOf(ground, own), await tagOf(ground, other)]
    const tries = [
      ['without a signed tag', null],
      ['with a tag signed by somebody else', { tag: mine, secret: stranger }],
      [`with a tag for ${other.zone}`, { tag: theirs, secret }],
      [`for a shard of ${other.zone}`, { tag: { ...theirs, zone: own.zone }, secret }],
      ...(mine.epoch > 1 ? [['under an epoch that is over', { tag: { ...mine, epoch: mine.epoch - 1 }, secret }]] : []),
    ] as const
    // What cannot be done rightly shows nothing where it is refused.
    const right = await client.writeAt(own.address, key(), { tag: mine, secret })
    if (!isDone(right)) return unknown(`a write that is right was answered with ${toldText(right)} in ${own.zone}`)
    for (const [what, signed] of tries as readonly (readonly [string, { tag: InternalTag; secret: string } | null])[]) {
      const told = await client.writeAt(own.address, key(), signed)
      checked++
      if (told.status === 0) return unknown(`a write ${what} got no answer in ${own.zone}`)
      if (told.status < 400) return broken(checked, `${own.zone} took a write ${what}: ${toldText(told)}`)
    }
  }
  return holds(checked)
}

async function tagOf({ router, signal }: CheckGround, { tag }: Side): Promise<InternalTag> {
  const { shard, cell, zone, epoch } = await router.explain(tag, signal)
  return { shard, cell, zone, epoch, hops: 1, leftMs }
}
