import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { commandOf, type ServerHome } from '../servers/home.ts'
import { run } from '../servers/run.ts'
import { copyTree } from './copy-tree.ts'
import { configText, mysqlBase, mysqlDurability } from './mysql-config.ts'

/**
 * A MySQL data folder, initialised once so that every later server starts in a fraction of the time. Nothing in it is
 * anybody's: no account that can log in, no key, no server identity, no binlog, an empty GTID set.
 */
export async function makeMysqlTemplate(home: ServerHome, folder: string, signal: AbortSignal): Promise<void> {
  const work = `${folder}.work`
  await rm(work, { recursive: true, force: true })
  try {
    await mkdir(work, { recursive: true, mode: 0o700 })
    await initialise(home, work, signal)
    await rm(join(work, 'data', 'auto.cnf'), { force: true })
    await copyTree(join(work, 'data'), folder, signal)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Part of a template's name: with other settings it is another template. */
export const mysqlTemplateRecipe = () => JSON.stringify([2, mysqlBase, firstStatements])

const firstStatements = "DROP USER 'root'@'localhost';\n"
const deadlineMs = 120_000

async function initialise(home: ServerHome, work: string, signal: AbortSignal): Promise<void> {
  const file = (name: string) => join(work, name)
  const settings = {
    ...mysqlBase,
    ...mysqlDurability.fast,
    basedir: join(home.root, dirname(dirname(home.programs.mysqld ?? ''))),
    datadir: file('data'),
    tmpdir: work,
    socket: 'mysql.sock',
    pid_file: 'mysqld.pid',
    init_file: file('first.sql'),
  }
  await writeFile(file('my.cnf'), configText(settings))
  await writeFile(file('first.sql'), firstStatements)
  const [mysqld, ...args] = commandOf(home, 'mysqld')
  const options = [`--defaults-file=${file('my.cnf')}`, '--skip-log-bin', '--initialize-insecure']
  await run(mysqld, [...args, ...options], { signal, deadlineMs, cwd: work })
}
