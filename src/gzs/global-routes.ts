import { randomUUID } from 'node:crypto'
import { type Answer, globalMoveRequestSchema, type Route } from '@ezone/sdk'
import type { GlobalMover } from './global-mover.ts'
import type { GlobalTruth } from './global-truth.ts'
import { read } from './routes.ts'

/** What GZS answers about the Global Zone: who its master is, what the zones have made of it, and moves of it. */
export function globalRoutes(truth: GlobalTruth, mover: GlobalMover): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/global-moves',
      handle: async (call): Promise<Answer> => {
        const accepted = await mover.begin(read(globalMoveRequestSchema, call), randomUUID(), call.signal)
        return { status: accepted.id === null ? 200 : 202, body: accepted }
      },
    },
    { method: 'GET', path: '/global-moves', handle: () => ({ status: 200, body: truth.status }) },
  ]
}
