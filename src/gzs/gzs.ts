import { createHash } from 'node:crypto'
import { type Answer, type Call, EzoneError, type RunningService, readGround, type ServiceContext } from '@ezone/sdk'
import { firstTable } from './first-table.ts'

/**
 * The Global Zone Service in its first form: it computes the table from the ground and the topology, and hands it out.
 *
 *   GET /table          the routing table, with an ETag: who has it asks again for the price of a 304
 *   GET /cities?name=   the cell of a city, for those who have no copy of the data
 */
export async function startGzs({ config, log }: ServiceContext): Promise<RunningService> {
  const { cells, divisions, cities } = await readGround(config.dataDir)
  const table = firstTable({ divisions, cells, zoneOf: config.shards })
  const body = Buffer.from(`${JSON.stringify(table)}\n`)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  log.info({ version: table.version, shards: table.shards.length, cells: table.cells.length }, 'the table is ready')

  const answerTable = ({ headers }: Call): Answer =>
    headers['if-none-match'] === etag ? { status: 304, headers: { etag } } : { status: 200, headers: { etag }, body }

  const answerCity = ({ query }: Call): Answer => {
    const name = query.get('name')
    if (name === null) throw new EzoneError('EZ_BAD_REQUEST', 'the query must have a name=')
    const { cell, city, division, shard, point, population } = cities.find(name)
    return { status: 200, body: { cell, city, division, shard, ...point, population } }
  }

  return {
    routes: [
      { method: 'GET', path: '/table', handle: answerTable },
      { method: 'GET', path: '/cities', handle: answerCity },
    ],
    ready: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
