import { z } from 'zod'
import type { FaultRequest } from '../chaos/request.ts'
import type { FaultKeeper } from './fault-keeper.ts'
import { read } from './link-queries.ts'
import type { AgentApi } from './server.ts'

/** Read closely by whoever plans the fault, so that what is wrong with it is told in its own words. */
const requestBody = z.looseObject({ kind: z.string(), target: z.string() })
const idBody = z.strictObject({ id: z.string() })

/** What the agent answers about faults. */
export function faultQueries(faults: FaultKeeper): AgentApi['queries'] {
  const request = (body: unknown) => read(requestBody, body) as FaultRequest
  return {
    'GET /faults': async () => ({ faults: faults.leases.faults() }),
    'POST /faults': async (body, signal) => ({ faults: [await faults.inject(request(body), signal)] }),
    'POST /faults/plan': async (body) => faults.plan(request(body)),
    'DELETE /faults': async () => ({ faults: await faults.heal(null) }),
    'DELETE /faults/:id': async (body) => ({ faults: await faults.heal([read(idBody, body).id]) }),
  }
}
