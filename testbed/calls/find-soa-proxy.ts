import { type Address, EzoneError } from '@ezone/sdk/model'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { portOf } from '../topology/blueprint.ts'

/**
 * The SOA proxy of a zone, or of a place by its own name. Says nothing of whether it runs.
 * @throws EZ_NO_TESTBED, EZ_UNKNOWN_PLACE
 */
export async function findSoaProxy(name: string, from: string): Promise<{ zone: string; door: Address }> {
  const { blueprint } = await openTestbed(folders().state, name)
  const proxies = blueprint.specs.filter((spec) => spec.kind === 'service' && spec.service === 'soa-proxy')
  const spec = proxies.find(({ place }) => place === from) ?? proxies.find(({ zone }) => zone === from)
  const door = spec && portOf(spec, 'http')?.host
  if (spec?.zone && door) return { zone: spec.zone, door }
  throw new EzoneError('EZ_UNKNOWN_PLACE', `no SOA proxy stands in ${JSON.stringify(from)}`, {
    hint: `A call begins in one of: ${[...new Set(proxies.map(({ zone }) => zone))].join(', ')}.`,
  })
}
