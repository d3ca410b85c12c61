import { EzoneError } from '@ezone/sdk/model'

/** Numbers of MySQL's errors (its reference, "Server Error Message Reference"). */
const numbers = { lockWait: 1205, deadlock: 1213, duplicate: 1062, noTable: 1146, noColumn: 1054, noSchema: 1049 }

const errnoOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined

/** Somebody else wrote the same rows meanwhile: begun again, the transaction sees what they wrote. */
export const meetsWriter = (error: unknown): boolean =>
  [numbers.lockWait, numbers.deadlock, numbers.duplicate].includes(errnoOf(error) ?? 0)

/** A positive number is the server's own refusal; without one the connection broke, and nothing is known. */
export function asApplyError(error: unknown): unknown {
  if (!(error instanceof Error) || EzoneError.is(error)) return error
  const errno = errnoOf(error)
  const said = 'sqlMessage' in error && typeof error.sqlMessage === 'string' ? error.sqlMessage : null
  if (errno === undefined || said === null) {
    if (!('code' in error)) return error
    return new EzoneError('EZ_STORE_UNREACHABLE', 'MySQL does not answer the applier', { cause: error })
  }
  if (errno === numbers.noTable || errno === numbers.noColumn || errno === numbers.noSchema)
    return new EzoneError('EZ_DRC_MISSING_COLUMN', `this zone's MySQL says: ${said}`)
  if (shuttingDown.has(errno))
    return new EzoneError('EZ_STORE_UNREACHABLE', 'MySQL ended the applier’s connection', { cause: error })
  return new EzoneError('EZ_DRC_APPLY_REFUSED', `this zone's MySQL says: ${said}`)
}

/** Server shutdown, killed connection, killed query, too many connections, super read only. */
const shuttingDown: ReadonlySet<number> = new Set([1053, 3169, 1317, 1040, 4031, 1290])
