/** What a server says, by its number on the wire (KeeperException.Code of ZooKeeper 3.9). */
const serverCodes = {
  SYSTEM_ERROR: -1,
  RUNTIME_INCONSISTENCY: -2,
  DATA_INCONSISTENCY: -3,
  MARSHALLING_ERROR: -5,
  UNIMPLEMENTED: -6,
  BAD_ARGUMENTS: -8,
  UNKNOWN_SESSION: -12,
  NO_NODE: -101,
  NO_AUTH: -102,
  BAD_VERSION: -103,
  NO_CHILDREN_FOR_EPHEMERALS: -108,
  NODE_EXISTS: -110,
  NOT_EMPTY: -111,
  SESSION_EXPIRED: -112,
  INVALID_ACL: -114,
  AUTH_FAILED: -115,
  SESSION_MOVED: -118,
  NOT_READ_ONLY: -119,
  NO_WATCHER: -121,
  REQUEST_TIMEOUT: -122,
  QUOTA_EXCEEDED: -125,
  THROTTLED: -127,
} as const

/** What only this side can know. */
type ClientCode =
  /** The connection ended, or there was none within the deadline. `outcome` says whether it may have been done. */
  | 'CONNECTION_LOSS'
  /** No answer within the deadline, although the connection stands. */
  | 'OPERATION_TIMEOUT'
  /** More requests wait than the client keeps. */
  | 'TOO_MANY_REQUESTS'
  /** More than a server or this client takes at once. */
  | 'TOO_LARGE'
  /** `close` was called. */
  | 'CLOSED'

export type ZookeeperCode = keyof typeof serverCodes | ClientCode

const names = new Map<number, ZookeeperCode>(
  Object.entries(serverCodes).map(([name, number]) => [number, name as ZookeeperCode]),
)

/** A number that no version we know of uses counts as a fault of the server's, and its number stays in the message. */
export const codeOf = (number: number): ZookeeperCode => names.get(number) ?? 'SYSTEM_ERROR'

/**
 * Why ZooKeeper did not do what was asked. Decide by `code`; and after a write by `outcome`: `none` means that nothing
 * was done, `unknown` that it may have been done or may still be: read again before it is repeated.
 */
export class ZookeeperError extends Error {
  override readonly name: string = 'ZookeeperError'
  readonly code: ZookeeperCode
  readonly path: string | null
  readonly outcome: 'none' | 'unknown'

  constructor(
    code: ZookeeperCode,
    message: string,
    options: { path?: string | null; outcome?: 'none' | 'unknown'; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options.path ?? null
    this.outcome = options.outcome ?? 'none'
  }

  /** Works across two copies of this module. */
  static is(error: unknown, ...codes: readonly ZookeeperCode[]): error is ZookeeperError {
    return (
      error instanceof Error &&
      (error.name === 'ZookeeperError' || error.name === 'MultiError') &&
      (codes.length === 0 || codes.includes((error as ZookeeperError).code))
    )
  }
}

/** A transaction that was refused as a whole. `index` is the operation that was the reason; `code` and `path` are its. */
export class MultiError extends ZookeeperError {
  override readonly name = 'MultiError'
  readonly index: number

  constructor(code: ZookeeperCode, index: number, path: string) {
    super(code, `operation ${index} of a transaction, on ${path}, was refused: ${code}; nothing was done`, { path })
    this.index = index
  }
}

/** A refusal by the server, as it stands in the header of its answer. */
export function refusal(number: number, what: string, path: string | null): ZookeeperError {
  const code = codeOf(number)
  return new ZookeeperError(code, `${what}${path === null ? '' : ` ${path}`}: ${code} (${number})`, { path })
}
