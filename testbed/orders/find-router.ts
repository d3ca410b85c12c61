import { EzoneError } from '@ezone/sdk/errors'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { portOf } from '../topology/blueprint.ts'
import { RouterClient } from './router-client.ts'

/** The API Router of a testbed, in its first edge. Says nothing of whether it runs. @throws EZ_NO_TESTBED */
export async function findRouter(name: string): Promise<RouterClient> {
  const { blueprint } = await openTestbed(folders().state, name)
  const spec = blueprint.specs.find((s) => s.kind === 'service' && s.name === 'router')
  const port = spec && portOf(spec, 'http')
  if (port === undefined) throw new EzoneError('EZ_BUG', `testbed ${name} has no router`)
  return new RouterClient(port.host)
}
