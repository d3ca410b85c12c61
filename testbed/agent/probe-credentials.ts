import type { CredentialsOf } from '../links/measure.ts'
import type { Testbed } from '../session/testbed.ts'

/** Probes log in as services do. */
export const credentialsOf =
  ({ credentials }: Pick<Testbed, 'credentials'>): CredentialsOf =>
  ({ protocol }) => {
    if (protocol === 'mysql') return { user: credentials.mysql.app.user, password: credentials.mysql.app.password }
    return protocol === 'redis' ? { password: credentials.redis.password } : {}
  }
