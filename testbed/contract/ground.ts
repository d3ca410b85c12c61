import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, Explanation } from '@ezone/sdk/model'
import type { Project } from '../dev/project.ts'
import { mysqlDoors } from '../drc/find-drc.ts'
import type { GzsClient } from '../gzs/gzs-client.ts'
import { moveShard } from '../gzs/move.ts'
import type { Testbed } from '../session/testbed.ts'
import type { ServiceClient } from './service-client.ts'

const askMs = 5_000
const backMs = 60_000
const settleMs = 20_000
const lookEveryMs = 200

/** A zone, and a shard that it serves while nothing moves. */
export interface Side {
  readonly zone: string
  /** Leads to it, as in `x-ezone-tag`. */
  readonly tag: string
  readonly shard: number
  readonly cell: number
  /** Where the service listens there. */
  readonly address: Address
}

/** What checks of a service stand on: it runs in both zones, and nobody else writes to it. */
export interface CheckGround {
  readonly testbed: Testbed
  readonly project: Project
  readonly client: ServiceClient
  readonly gzs: GzsClient
  readonly router: { explain(tag: string, signal: AbortSignal): Promise<Explanation> }
  /** The zone that is left, and the one that takes over. */
  readonly sides: readonly [Side, Side]
  /** Another one at every call, never used before. */
  readonly key: () => string
  readonly signal: AbortSignal
}

/** How many rows its tables have, once both zones have the same number; null where that does not come to be. */
export async function settledRows(ground: CheckGround): Promise<number | null> {
  const late = AbortSignal.timeout(settleMs)
  while (!late.aborted) {
    const [first = 0, ...others] = (await rowsOf(ground)).values()
    if (others.every((rows) => rows === first)) return first
    await sleep(lookEveryMs, undefined, { signal: ground.signal })
  }
  return null
}

/** Rows of the service's tables, as each zone's own database has them. */
async function rowsOf({ testbed, project }: Pick<CheckGround, 'testbed' | 'project'>) {
  const doors = mysqlDoors(testbed.blueprint, testbed.credentials)
  const counted = doors.map(async ({ zone, mysql }) => {
    const { createConnection } = await import('mysql2/promise')
    const connection = await createConnection({ ...mysql, connectTimeout: askMs })
    try {
      let rows = 0
      for (const table of project.tables) {
        const [found] = await connection.query({ sql: `SELECT COUNT(*) AS n FROM ${table}`, timeout: askMs })
        rows += Number((found as { n: unknown }[])[0]?.n)
      }
      return [zone, rows] as const
    } finally {
      await connection.end()
    }
  })
  return new Map(await Promise.all(counted))
}

/** Moves a shard to a zone as planned, and back when disposed, whatever became of whoever asked for it. */
export async function movedAway({ gzs, signal }: CheckGround, shard: number, ways: { from: string; to: string }) {
  const request = (to: string) => ({
    shard,
    to,
    mode: 'planned' as const,
    who: 'ezone check',
    why: 'a check of a service',
  })
  await moveShard({ gzs, request: request(ways.to), signal })
  return {
    async [Symbol.asyncDispose]() {
      await moveShard({ gzs, request: request(ways.from), signal: AbortSignal.timeout(backMs) })
    },
  }
}
