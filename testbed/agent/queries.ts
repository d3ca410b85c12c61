import { EzoneError } from '@ezone/sdk/errors'
import type { Agent } from './agent.ts'
import { faultQueries } from './fault-queries.ts'
import type { AgentApi } from './server.ts'

/** What the agent answers at once. Those about links are served by the link keeper. */
export function queriesOf(agent: Agent): AgentApi['queries'] {
  return {
    'GET /hello': async () => agent.hello(),
    'GET /status': async (_, signal) => agent.status(signal),
    'POST /cancel': async () => ({ cancelled: agent.cancel(new EzoneError('EZ_INTERRUPTED', 'interrupted')) }),
    ...Object.fromEntries(
      Object.entries({ ...agent.links.queries(), ...faultQueries(agent.faults) }).map(([route, answer]) => [
        route,
        alone(agent, route, answer),
      ]),
    ),
  }
}

type Answer = AgentApi['queries'][string]

/** Links and faults are not touched while a verb is at work: a cut in the middle of a stop would come back with the next start. */
function alone(agent: Agent, route: string, answer: Answer): Answer {
  if (route.startsWith('GET ')) return answer
  return (body, signal) => {
    agent.refuseWhileBusy()
    return answer(body, signal)
  }
}
