/** What an error of MySQL says about the statement before it. */
interface ServerError {
  readonly code?: string
  readonly sqlState?: string
}

/** Errors that the server sends while it ends a connection: the statement before them may have been done. */
const endings = new Set(['ER_SERVER_SHUTDOWN', 'ER_QUERY_INTERRUPTED', 'ER_SESSION_WAS_KILLED'])

const codeOf = (error: unknown): string => (error as ServerError).code ?? ''

/** True where the server itself answered with an error, so that the statement was certainly not done. */
export function serverSaid(error: unknown): boolean {
  const { sqlState } = error as ServerError
  return typeof sqlState === 'string' && sqlState !== '' && !endings.has(codeOf(error))
}

/** True where the server had ended the silent connection (`wait_timeout`) before the statement came: it was not read. */
export const neverRead = (error: unknown): boolean => codeOf(error) === 'ER_CLIENT_INTERACTION_TIMEOUT'

/** True where the server rolled back the whole transaction with the statement. */
export const rolledBack = (error: unknown): boolean => codeOf(error) === 'ER_LOCK_DEADLOCK'

/** True where another transaction was in the way; the same statement may succeed in a moment. */
export const rowBusy = (error: unknown): boolean => rolledBack(error) || codeOf(error) === 'ER_LOCK_WAIT_TIMEOUT'

/** True where the server takes no writes: it is a replica of the Global Zone. */
export const isReadOnly = (error: unknown): boolean =>
  ['ER_OPTION_PREVENTS_STATEMENT', 'ER_READ_ONLY_MODE'].includes(codeOf(error))

/** True where a unique key refused a row; which one stands nowhere but in the server's message. */
export function isDuplicate(error: unknown, key?: string): boolean {
  if (codeOf(error) !== 'ER_DUP_ENTRY') return false
  // `... for key 'orders.request_key'`: the table's name and the key's.
  return key === undefined || (error as Error).message.endsWith(`.${key}'`)
}
