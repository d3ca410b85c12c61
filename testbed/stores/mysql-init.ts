import { houseStatements } from '@ezone/sdk/model'
import type { MysqlSpec } from '../topology/blueprint.ts'
import type { Credentials } from './credentials.ts'
import { accountStatements, quoted } from './mysql-accounts.ts'

/**
 * What a server runs at every start, before it listens: the zone's own schemas, the accounts, and for a server of the
 * Global Zone where it finds each possible master. Nothing of it is in the binlog: it belongs to the server, and a new
 * server's GTID set is empty. The server wants each statement of an init file on a line of its own.
 */
export function initSql(spec: MysqlSpec, { mysql }: Credentials): string {
  return `${[
    'SET SESSION sql_log_bin = 0',
    ...houseStatements[spec.role],
    ...accountStatements(mysql, spec.role),
    ...(spec.role === 'global' ? globalStatements(spec, mysql.replication) : []),
  ].join(';\n')};\n`
}

/**
 * One replication channel per other member, so that whoever turns this server into a replica names the master and
 * needs neither address nor password. None runs yet, and nobody writes: which member is the master is not the server's
 * to know, so after every start it waits to be told.
 */
function globalStatements(spec: MysqlSpec, { user, password }: Credentials['mysql']['replication']): readonly string[] {
  const channels = spec.sources.map(({ zone, address }) => {
    const options = [
      `SOURCE_HOST=${quoted(address.host)}, SOURCE_PORT=${address.port}`,
      `SOURCE_USER=${quoted(user)}, SOURCE_PASSWORD=${quoted(password)}`,
      'SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1',
      // After a cut it notices within replica_net_timeout and is back a second after the heal.
      'SOURCE_HEARTBEAT_PERIOD=1, SOURCE_CONNECT_RETRY=1, SOURCE_RETRY_COUNT=1000000',
    ]
    return `CHANGE REPLICATION SOURCE TO ${options.join(', ')} FOR CHANNEL ${quoted(`from_${zone}`)}`
  })
  return [...channels, 'SET GLOBAL super_read_only = ON']
}
