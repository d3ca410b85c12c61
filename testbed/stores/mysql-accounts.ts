import type { Account, Credentials } from './credentials.ts'

/** What a service may do, in every schema but the server's own. */
const appMay = [
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, LOCK TABLES, CREATE TEMPORARY TABLES',
  'CREATE VIEW, SHOW VIEW, TRIGGER, EVENT, EXECUTE, CREATE ROUTINE, ALTER ROUTINE',
].join(', ')

/**
 * Statements that make the accounts what the credentials say. They may run at any start, over any earlier state, and
 * stay out of the binlog: accounts belong to a server, and a new server's GTID set is empty.
 *
 * The server wants each statement of an init file on a line of its own.
 */
export function accountsSql({ root, replication, app }: Credentials['mysql']): string {
  return `${[
    'SET SESSION sql_log_bin = 0',
    ...account(root),
    `GRANT ALL ON *.* TO ${name(root)} WITH GRANT OPTION`,
    ...account(replication),
    `GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${name(replication)}`,
    ...account(app),
    `GRANT ${appMay} ON *.* TO ${name(app)}`,
    `REVOKE ${appMay} ON mysql.* FROM ${name(app)}`,
  ].join(';\n')};\n`
}

function account(account: Account): readonly string[] {
  const secret = `IDENTIFIED WITH caching_sha2_password BY ${quoted(account.password)}`
  return [`CREATE USER IF NOT EXISTS ${name(account)} ${secret}`, `ALTER USER ${name(account)} ${secret}`]
}

const name = (account: Account) => `${quoted(account.user)}@'%'`

/** A string literal, right with and without NO_BACKSLASH_ESCAPES for what credentials are made of. */
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
