import type { MysqlSpec } from '../topology/blueprint.ts'
import type { Account, Credentials } from './credentials.ts'

/** What a service may do, in every schema but the server's own and the zone's own. */
const appMay = [
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, LOCK TABLES, CREATE TEMPORARY TABLES',
  'CREATE VIEW, SHOW VIEW, TRIGGER, EVENT, EXECUTE, CREATE ROUTINE, ALTER ROUTINE',
].join(', ')
const appMayButRead = appMay.replace('SELECT, ', '')

const rows = 'INSERT, UPDATE, DELETE'

/**
 * Statements that make the accounts what the credentials say. They may run at any start, over any earlier state.
 * The schemas they name must be there.
 */
export function accountStatements(
  { root, replication, app, fence, drc }: Credentials['mysql'],
  role: MysqlSpec['role'],
): readonly string[] {
  const everyServer = [
    ...account(root),
    `GRANT ALL ON *.* TO ${name(root)} WITH GRANT OPTION`,
    ...account(replication),
    `GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${name(replication)}`,
    ...account(app),
    `GRANT ${appMay} ON *.* TO ${name(app)}`,
    `REVOKE ${appMay} ON mysql.* FROM ${name(app)}`,
    ...account(fence),
  ]
  return [...everyServer, ...(role === 'zone' ? zoneGrants({ app, fence, drc }) : globalGrants({ app, fence }))]
}

/**
 * In a zone's own MySQL. A service reads fences and cannot write them; of what replication remembers it writes only
 * tombstones, by trigger, and the numbers of its migrations.
 */
const zoneGrants = ({ app, fence, drc }: Record<'app' | 'fence' | 'drc', Account>): readonly string[] => [
  `REVOKE ${appMayButRead} ON ezone.* FROM ${name(app)}`,
  `REVOKE ${appMayButRead} ON ezone_drc.* FROM ${name(app)}`,
  ...['tombstone', 'migration'].map((table) => `GRANT ${rows} ON ezone_drc.${table} TO ${name(app)}`),

  // PROCESS finds who still writes when a shard is frozen, CONNECTION_ADMIN ends them.
  `GRANT PROCESS, CONNECTION_ADMIN ON *.* TO ${name(fence)}`,
  `GRANT SELECT, ${rows} ON ezone.* TO ${name(fence)}`,
  `GRANT SELECT ON ezone_drc.* TO ${name(fence)}`,
  // Locks rows of the business after a takeover, as a matter of this server alone: under a tag that does not travel.
  `GRANT REPLICATION_APPLIER, TRANSACTION_GTID_TAG, SELECT, UPDATE ON *.* TO ${name(fence)}`,
  `REVOKE SELECT, UPDATE ON mysql.* FROM ${name(fence)}`,
  `REVOKE UPDATE ON ezone_drc.* FROM ${name(fence)}`,

  ...account(drc),
  // Reads the binlog; writes every schema but the fences, under a GTID tag of its own.
  `GRANT REPLICATION SLAVE, REPLICATION CLIENT, REPLICATION_APPLIER, TRANSACTION_GTID_TAG ON *.* TO ${name(drc)}`,
  `GRANT SELECT, ${rows} ON *.* TO ${name(drc)}`,
  `REVOKE SELECT, ${rows} ON mysql.* FROM ${name(drc)}`,
  `REVOKE ${rows} ON ezone.* FROM ${name(drc)}`,
]

/**
 * In a server of the Global Zone, which the lease-keeper makes the master or a replica: it ends who writes there, and
 * empties one that has what the master never saw.
 */
const globalGrants = ({ app, fence }: Record<'app' | 'fence', Account>): readonly string[] => [
  `REVOKE ${appMayButRead} ON ezone.* FROM ${name(app)}`,
  `REVOKE ${appMayButRead} ON ezone_drc.* FROM ${name(app)}`,
  `GRANT ${rows} ON ezone_drc.migration TO ${name(app)}`,
  `GRANT SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, REPLICATION_SLAVE_ADMIN ON *.* TO ${name(fence)}`,
  `GRANT REPLICATION CLIENT, PROCESS, RELOAD ON *.* TO ${name(fence)}`,
  `GRANT SELECT, CREATE, DROP, ${rows} ON *.* TO ${name(fence)}`,
  `REVOKE SELECT, CREATE, DROP, ${rows} ON mysql.* FROM ${name(fence)}`,
]

function account(account: Account): readonly string[] {
  const secret = `IDENTIFIED WITH caching_sha2_password BY ${quoted(account.password)}`
  return [`CREATE USER IF NOT EXISTS ${name(account)} ${secret}`, `ALTER USER ${name(account)} ${secret}`]
}

const name = (account: Account) => `${quoted(account.user)}@'%'`

/** A string literal, right with and without NO_BACKSLASH_ESCAPES for what credentials are made of. */
export const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
