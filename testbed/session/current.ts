import { EzoneError } from '@ezone/sdk/errors'
import { AgentClient } from '../agent/client.ts'
import { environmentOf } from '../stores/environment.ts'
import { folders } from '../surroundings/folders.ts'
import { observedStatus } from './observer.ts'
import type { Status } from './status.ts'
import { openTestbed } from './testbed.ts'

/** The status now: the agent's where one answers, else what can be seen without it. */
export async function currentStatus(
  name: string,
  signal: AbortSignal,
): Promise<{ readonly status: Status; readonly env: Readonly<Record<string, string>> }> {
  const testbed = await openTestbed(folders().state, name)
  const asked = new AgentClient(testbed.folder).ask('GET', '/status', undefined, { signal })
  const status = (await asked.catch((error) => {
    if (EzoneError.is(error, 'EZ_NOT_RUNNING')) return observedStatus(testbed, signal)
    throw error
  })) as Status
  return { status, env: environmentOf(testbed.blueprint, testbed.credentials) }
}
