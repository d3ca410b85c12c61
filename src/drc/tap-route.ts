import { setTimeout as sleep } from 'node:timers/promises'
import type { Route } from '@ezone/sdk'
import type { Address, LogRecord } from '@ezone/sdk/model'
import { limits } from './limits.ts'
import { KafkaLogReader } from './log/kafka-reader.ts'

/**
 * GET /tap?table=&shard=&from=end|start: the changes made in this zone, as its log has them, a JSON line each. For caches,
 * searches and the curious. A line `{type:'ping'}` whenever nothing came for a moment.
 */
export const tapRoute = ({ kafka, zone }: { readonly kafka: Address; readonly zone: string }): Route => ({
  method: 'GET',
  path: '/tap',
  handle({ query }) {
    const table = query.get('table')
    const shard = query.get('shard')
    const from = query.get('from') === 'start' ? 'start' : 'end'
    const wanted = (row: LogRecord['rows'][number]) =>
      (table === null || row.table === table) &&
      (shard === null || String((row.after ?? row.before)?.shard ?? '') === shard)
    return {
      status: 200,
      headers: { 'content-type': 'application/x-ndjson' },
      async *stream(gone) {
        await using reader = new KafkaLogReader({ kafka, zone, from })
        while (!gone.aborted) {
          const records = await reader.read().catch(async () => {
            // The zone's Kafka is away for a moment; the client is told that it still lives.
            await sleep(limits.retryMs, undefined, { signal: gone }).catch(() => undefined)
            return []
          })
          const lines = records.flatMap(({ rows, uuid, gno, trace, committedAtMs }) =>
            rows.filter(wanted).map((row) => ({ type: 'change', zone, uuid, gno, trace, committedAtMs, ...row })),
          )
          for (const line of lines) yield `${JSON.stringify(line)}\n`
          if (lines.length === 0) yield '{"type":"ping"}\n'
        }
      },
    }
  },
})
