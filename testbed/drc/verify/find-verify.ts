import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import type { Testbed } from '../../session/testbed.ts'
import { mysqlDoors } from '../find-drc.ts'
import { drcStatus } from '../status.ts'
import type { Behind } from './settle-rows.ts'
import type { VerifyOptions } from './verify.ts'

/**
 * What `verify` needs to know of a testbed.
 * @param zones names; empty for all
 * @throws EZ_USAGE for fewer than two, EZ_UNKNOWN_PLACE
 */
export function verifySources(
  { blueprint, credentials }: Pick<Testbed, 'blueprint' | 'credentials'>,
  zones: readonly string[],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Pick<VerifyOptions, 'doors' | 'whyBehind' | 'clock' | 'signal'> {
  const doors = mysqlDoors(blueprint, credentials)
  const strange = zones.filter((name) => !doors.some(({ zone }) => zone === name))
  if (strange.length > 0)
    throw new EzoneError('EZ_UNKNOWN_PLACE', `there is no zone ${strange.join(', ')}`, {
      hint: `There are: ${doors.map(({ zone }) => zone).join(', ')}.`,
    })
  const wanted = doors.filter(({ zone }) => zones.length === 0 || zones.includes(zone))
  if (wanted.length < 2) throw new EzoneError('EZ_USAGE', 'there are no two zones to compare')
  const whyBehind = async ({ zone, source }: Behind) => {
    const { lanes } = await drcStatus({ blueprint, credentials, clock, signal })
    const way = lanes.filter(
      (lane) => lane.source === source && (lane.role === 'relay' || lane.zone === zone) && lane.state !== 'running',
    )
    return way.length === 0
      ? null
      : way
          .map(
            ({ role, state, stopped }) =>
              `its ${role} is ${state}${stopped ? `: ${stopped.code} ${stopped.message}` : ''}`,
          )
          .join(', ')
  }
  return { doors: wanted, whyBehind, clock, signal }
}
