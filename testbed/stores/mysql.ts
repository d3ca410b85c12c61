import { dirname } from 'node:path'
import type { MysqlSpec } from '../topology/blueprint.ts'
import { homeOf } from './context.ts'
import { copyTree } from './copy-tree.ts'
import type { Launch, Launcher, Site } from './launch.ts'
import { configText, mysqlBase, mysqlDurability, mysqlGlobal } from './mysql-config.ts'
import { initSql } from './mysql-init.ts'

const files = {
  config: 'my.cnf',
  init: 'init.sql',
  rsaPrivate: 'keys/rsa-private.pem',
  rsaPublic: 'keys/rsa-public.pem',
  certificate: 'keys/tls-certificate.pem',
  tlsPrivate: 'keys/tls-private.pem',
  tmp: 'tmp/.keep',
} as const

/** The data folder proper, below the server's own folder. */
export const mysqlData = 'mysql'

/**
 * A MySQL server from the initialised template. Its accounts are set at every start, before it listens, by statements
 * that are in no binlog; so they are right whatever happened to the data, and no password is in any argument.
 */
export const launchMysql: Launcher<MysqlSpec> = (spec, site, { credentials, homes, templates }): Launch => ({
  program: { kind: 'mysql', name: 'mysqld' },
  args: [`--defaults-file=${site.dataDir}/${files.config}`],
  env: {},
  files: [
    { path: files.config, text: configText({ ...mysqlBase, ...own(spec, site, basedirOf(site, homes)) }) },
    { path: files.init, text: initSql(spec, credentials) },
    { path: files.rsaPrivate, text: credentials.mysql.rsa.privateKey },
    { path: files.rsaPublic, text: credentials.mysql.rsa.publicKey },
    { path: files.certificate, text: credentials.tls.certificate },
    { path: files.tlsPrivate, text: credentials.tls.privateKey },
    { path: files.tmp, text: '' },
  ],
  seed: { into: mysqlData, make: (folder, signal) => copyTree(templates.mysql, folder, signal) },
  stopGraceMs: 10_000,
})

/** Message files and plugins are found from here: the folder above `bin` or `sbin`. */
function basedirOf(site: Site, homes: Parameters<typeof homeOf>[0]): string {
  const program = homeOf(homes, 'mysql').programs.mysqld ?? 'bin/mysqld'
  return `${site.root('mysql')}/${dirname(dirname(program))}`
}

function own(spec: MysqlSpec, site: Site, basedir: string): Readonly<Record<string, string | number>> {
  const { host, port } = site.bind('client')
  const at = (path: string) => `${site.dataDir}/${path}`
  return {
    basedir,
    datadir: at(mysqlData),
    tmpdir: at(dirname(files.tmp)),
    bind_address: host,
    port,
    // Relative to the data folder: an absolute path could be longer than the 107 bytes a socket's may have.
    socket: 'mysql.sock',
    pid_file: 'mysqld.pid',
    init_file: at(files.init),
    server_id: spec.serverId,
    auto_increment_increment: 16,
    auto_increment_offset: spec.autoIncrementOffset,
    ...mysqlDurability[spec.durability],
    ...(spec.role === 'global' ? mysqlGlobal : {}),
    caching_sha2_password_private_key_path: at(files.rsaPrivate),
    caching_sha2_password_public_key_path: at(files.rsaPublic),
    loose_sha256_password_private_key_path: at(files.rsaPrivate),
    loose_sha256_password_public_key_path: at(files.rsaPublic),
    ssl_cert: at(files.certificate),
    ssl_key: at(files.tlsPrivate),
  }
}
