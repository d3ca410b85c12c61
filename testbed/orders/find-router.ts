import { EzoneError } from '@ezone/sdk/errors'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { portOf } from '../topology/blueprint.ts'
import { RouterClient } from './router-client.ts'

/** The API Routers of a testbed. Says nothing of whether they run. @throws EZ_NO_TESTBED */
export async function findRouter(name: string): Promise<RouterClient> {
  const { blueprint } = await openTestbed(folders().state, name)
  const doors = blueprint.specs.flatMap((spec) => {
    const door = spec.kind === 'service' && spec.service === 'router' ? portOf(spec, 'http') : undefined
    return door === undefined ? [] : [door.host]
  })
  if (doors.length === 0) throw new EzoneError('EZ_BUG', `testbed ${name} has no router`)
  return new RouterClient(...doors)
}
