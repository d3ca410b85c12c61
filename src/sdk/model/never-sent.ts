/** Errors of a connection that come before the first byte was sent. */
const beforeSending: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether a request surely reached nobody: then, and only then, it may be tried elsewhere whatever it asks for. */
export const neverSent = (error: unknown): boolean => beforeSending.has((error as { readonly code?: unknown })?.code)
