import { EzoneError, type LogRecord } from '@ezone/sdk/model'
import type { MessageRecord } from '@platformatic/kafka'

/** A record as Kafka carries it. The headers are for whoever wants to choose or trace without reading the rows. */
export function toMessage(record: LogRecord): Omit<MessageRecord, 'topic' | 'partition'> {
  const { zone, gno, trace } = record
  const headers = new Map([
    [Buffer.from('zone'), Buffer.from(zone)],
    [Buffer.from('gno'), Buffer.from(String(gno))],
  ])
  if (trace !== null) headers.set(Buffer.from('traceparent'), Buffer.from(traceparent(trace, gno)))
  return { value: Buffer.from(JSON.stringify(record)), headers }
}

/** W3C: the span of a transaction's way between zones is named by its number. */
const traceparent = (trace: string, gno: number) => `00-${trace}-${gno.toString(16).padStart(16, '0')}-01`

/** @throws EZ_DRC_GAP what stands here is no record of ours */
export function parseRecord(value: Buffer): LogRecord {
  const record = parsed(value)
  if (record?.v === 1 && Array.isArray(record.rows) && typeof record.gno === 'number') return record as LogRecord
  throw new EzoneError('EZ_DRC_GAP', 'the change log holds what is no record of version 1')
}

function parsed(value: Buffer): Partial<LogRecord> | null {
  try {
    return JSON.parse(value.toString('utf8')) as Partial<LogRecord> | null
  } catch {
    return null
  }
}
