import { EzoneError } from '@ezone/sdk/errors'
import type { Agent } from './agent.ts'
import type { AgentApi } from './server.ts'

/** What the agent answers at once. Those about links are served by the link keeper. */
export function queriesOf(agent: Agent): AgentApi['queries'] {
  return {
    'GET /hello': async () => agent.hello(),
    'GET /status': async (_, signal) => agent.status(signal),
    'POST /cancel': async () => ({ cancelled: agent.cancel(new EzoneError('EZ_INTERRUPTED', 'interrupted')) }),
    ...agent.links.queries(),
  }
}
