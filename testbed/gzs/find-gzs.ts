import type { Address } from '@ezone/sdk/model'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { portOf, type Spec } from '../topology/blueprint.ts'
import { GzsClient } from './gzs-client.ts'

/** Every GZS of a testbed, those at the edges first. Says nothing of whether they run. @throws EZ_NO_TESTBED */
export async function findGzs(name: string): Promise<GzsClient> {
  const found = await servicesOf(name, 'gzs')
  return new GzsClient(found.toSorted((a, b) => Number(a.zone !== null) - Number(b.zone !== null)))
}

/** What a zone does that has lost the majority. @throws EZ_NO_TESTBED */
export async function policyOf(name: string): Promise<'available' | 'strict'> {
  return (await openTestbed(folders().state, name)).blueprint.policy
}

/** Where the instances of a service listen. */
export async function servicesOf(
  name: string,
  service: string,
): Promise<readonly (Address & Pick<Spec, 'zone' | 'place'>)[]> {
  const { blueprint } = await openTestbed(folders().state, name)
  return blueprint.specs.flatMap((spec) => {
    const port = spec.kind === 'service' && spec.service === service ? portOf(spec, 'http') : undefined
    return port === undefined ? [] : [{ ...port.host, zone: spec.zone, place: spec.place }]
  })
}
