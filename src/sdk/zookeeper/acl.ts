import { createHash } from 'node:crypto'
import type { Acl } from './types.ts'

const all = 31

/** Everybody may do everything. */
export const openAcl: Acl = { permissions: all, scheme: 'world', id: 'anyone' }

/** Who knows this password may; what the server keeps and shows is its SHA-1, as its own DigestAuthenticationProvider. */
export function digestAcl(user: string, password: string, permissions: number = all): Acl {
  const digest = createHash('sha1').update(`${user}:${password}`).digest('base64')
  return { permissions, scheme: 'digest', id: `${user}:${digest}` }
}
