import type { MysqlSpec } from '../topology/blueprint.ts'
import { limits } from './limits.ts'

type Settings = Readonly<Record<string, string | number>>

/** Settings of every MySQL, also of the one that makes the template. Small: four of them run on a developer's machine. */
export const mysqlBase: Settings = {
  // Looked at only when started by root, which MySQL refuses to do silently.
  user: 'root',
  mysqlx: 'OFF',
  secure_file_priv: 'NULL',
  skip_name_resolve: 'ON',
  log_error_verbosity: 2,
  // Said at every start or first start and no fault: no path of the program (the loader starts it), a new identity.
  log_error_suppression_list: 'MY-010939,MY-010075',
  character_set_server: 'utf8mb4',
  // Lets an account have every schema but the server's own.
  partial_revokes: 'ON',
  // Versions and leases are made of the server's time; in UTC no hour of it comes twice.
  default_time_zone: '+00:00',
  // Services make triggers (the versions of rows). With row-based logging a trigger cannot harm a replica.
  log_bin_trust_function_creators: 'ON',

  log_bin: 'binlog',
  gtid_mode: 'ON',
  enforce_gtid_consistency: 'ON',
  binlog_row_image: 'FULL',
  binlog_row_metadata: 'FULL',
  max_binlog_size: limits.binlogFileBytesMax,
  binlog_expire_logs_seconds: limits.binlogSecondsMax,

  innodb_buffer_pool_size: '32M',
  innodb_redo_log_capacity: '32M',
  innodb_log_buffer_size: '1M',
  innodb_buffer_pool_load_at_startup: 'OFF',
  innodb_buffer_pool_dump_at_shutdown: 'OFF',
  // Asynchronous I/O slots are a limit of the whole machine (fs.aio-max-nr); four servers would take most of them.
  innodb_use_native_aio: 'OFF',
  innodb_read_io_threads: 1,
  innodb_write_io_threads: 1,
  innodb_purge_threads: 1,
  innodb_page_cleaners: 1,
  // The doublewrite buffer is held in memory at its full size; 16 pages take 7 MB less than the usual 128.
  innodb_doublewrite_pages: 16,
  performance_schema: 'OFF',
  max_connections: 150,
  table_open_cache: 256,
  table_definition_cache: 400,
  thread_cache_size: 8,
  key_buffer_size: '64K',
  temptable_max_ram: '2M',

  // Keys come from the testbed, never from the template, which many testbeds share.
  auto_generate_certs: 'OFF',
  caching_sha2_password_auto_generate_rsa_keys: 'OFF',
  loose_sha256_password_auto_generate_rsa_keys: 'OFF',
}

export const mysqlDurability: Readonly<Record<MysqlSpec['durability'], Settings>> = {
  full: { sync_binlog: 1, innodb_flush_log_at_trx_commit: 1, innodb_doublewrite: 'ON' },
  fast: { sync_binlog: 0, innodb_flush_log_at_trx_commit: 2, innodb_doublewrite: 'OFF' },
}

/**
 * For a server of the Global Zone: a replica that nobody starts but the lease-keeper, and that notices a cut soon. Commits
 * wait for other zones where the lease-keeper says so, and then without an end: it alone decides to go on without them.
 */
export const mysqlGlobal: Settings = {
  plugin_load_add: 'semisync_source.so;semisync_replica.so',
  rpl_semi_sync_source_enabled: 'OFF',
  rpl_semi_sync_source_timeout: 4_294_967_295,
  rpl_semi_sync_replica_enabled: 'ON',
  // The whole history: a server that has to be made anew follows it from its beginning, its own old part of it included.
  binlog_expire_logs_seconds: 0,
  replicate_same_server_id: 'ON',
  skip_replica_start: 'ON',
  relay_log: 'relay',
  // What it has received it has promised to have: it is not thrown away at a start.
  relay_log_recovery: 'OFF',
  replica_net_timeout: 3,
  replica_parallel_workers: 1,
}

/** An option file. Values hold no line breaks: they are numbers, words and paths of ours. */
export function configText(settings: Settings): string {
  return `[mysqld]\n${Object.entries(settings)
    .map(([name, value]) => `${name}=${typeof value === 'string' && value.includes(' ') ? `"${value}"` : value}\n`)
    .join('')}`
}
