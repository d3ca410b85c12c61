import type { MysqlSpec } from '../topology/blueprint.ts'
import type { Probe } from './ready.ts'

/**
 * Every account a person or a service uses on this server logs in and is answered. A login over the wire also fills the server's
 * password cache, so later logins need neither TLS nor the key exchange.
 */
export const probeMysql: Probe<MysqlSpec> = async (spec, { door, credentials, signal }) => {
  const { createConnection } = await import('mysql2/promise')
  const { root, app, fence, drc } = credentials.mysql
  await Promise.all(
    [root, app, fence, ...(spec.role === 'zone' ? [drc] : [])].map(async (account) => {
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
