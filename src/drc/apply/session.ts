import { type DrcCell, EzoneError, type MysqlAccess, type RowImage } from '@ezone/sdk/model'
import { type Connection, createConnection } from 'mysql2/promise'
import { limits } from '../limits.ts'

/** Row values as the change log has them: exact, as text where a number would not be. */
const asCells = {
  dateStrings: true,
  timezone: 'Z',
  supportBigNumbers: true,
  bigNumberStrings: true,
  jsonStrings: true,
} as const

/**
 * A session of account `drc`. READ COMMITTED: gap locks would make the zone's own writers wait, and lose deadlocks, for
 * rows that are not there. Foreign keys are the source's to check; zero dates and a zero id are values like others.
 */
const settings = [
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', foreign_key_checks = 0",
  "transaction_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 2",
].join(', ')

/**
 * Work on a connection, bounded in time: when that is over, or `signal` says so, the connection is destroyed. Without
 * this a query whose server fell silent would never end, for the library forgets it with the connection.
 *
 * @throws EZ_STORE_UNREACHABLE when the time is over; what the signal says
 */
export async function bounded<T>(connection: Connection, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const end = AbortSignal.any([AbortSignal.timeout(limits.statementMs), ...(signal ? [signal] : [])])
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const cut = () => {
    connection.destroy()
    const late = new EzoneError('EZ_STORE_UNREACHABLE', `MySQL did not answer within ${limits.statementMs} ms`)
    reject(signal?.aborted ? signal.reason : late)
  }
  end.addEventListener('abort', cut, { once: true })
  if (end.aborted) cut()
  try {
    return await Promise.race([work(), ended])
  } finally {
    end.removeEventListener('abort', cut)
  }
}

/** @throws EZ_STORE_UNREACHABLE */
export async function openSession(mysql: MysqlAccess): Promise<Connection> {
  try {
    const connection = await createConnection({
      ...mysql,
      ...asCells,
      multipleStatements: true,
      connectTimeout: limits.connectMs,
      // Its bytes are its value; parsed it could not be written again.
      typeCast: (field, next) => (field.type === 'GEOMETRY' ? field.buffer() : next()),
    })
    // Every statement says itself when the connection broke; without a listener the process would end.
    connection.on('error', () => undefined)
    await bounded(connection, () => connection.query(settings))
    return connection
  } catch (cause) {
    throw new EzoneError('EZ_STORE_UNREACHABLE', 'MySQL does not answer the applier', { cause })
  }
}

export function imageOf(row: Readonly<Record<string, unknown>>): RowImage {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, cellOf(value)]))
}

function cellOf(value: unknown): DrcCell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') }
  return String(value)
}
