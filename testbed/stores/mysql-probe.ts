import type { MysqlSpec } from '../topology/blueprint.ts'
import type { Probe } from './ready.ts'

/**
 * Both accounts a person or a service uses log in and are answered. A login over the wire also fills the server's
 * password cache, so later logins need neither TLS nor the key exchange.
 */
export const probeMysql: Probe<MysqlSpec> = async (_spec, { door, credentials, signal }) => {
  const { createConnection } = await import('mysql2/promise')
  const { root, app } = credentials.mysql
  await Promise.all(
    [root, app].map(async (account) => {
      const connection = await createConnection({ ...door('client'), ...account, connectTimeout: 1_000 })
      const cut = () => connection.destroy()
      signal.addEventListener('abort', cut, { once: true })
      try {
        await connection.query('select 1')
      } finally {
        signal.removeEventListener('abort', cut)
        connection.destroy()
      }
    }),
  )
}
