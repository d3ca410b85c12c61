import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Cli } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof } from '../proof.ts'

/** Debian's packages with the clients: MariaDB's `mysql`, `redis-cli`, `kcat`, and ZooKeeper's own C client. */
const packages = ['mariadb-client', 'redis-tools', 'kcat', 'zookeeper-bin'] as const

const expected = {
  mysql: /^(9\.7|8\.4)\./,
  redis: /^PONG/,
  kafka: /127\.\d+\.0\.\d+/,
  zookeeper: /^\s*zookeeper$/m,
} as const

const shell = (script: string, env: NodeJS.ProcessEnv) =>
  promisify(execFile)('bash', ['-euc', script], { env: { ...process.env, ...env }, timeout: 30_000 })

export const proof: Proof = {
  statement:
    "mysql, redis-cli, kcat and a ZooKeeper client of the distribution connect to each zone's servers with what " +
    '`ezone status --env` prints',
  limitMs: 10 * 60_000,
  async see(context) {
    await context.run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages)
    await using cli = await Cli.open()
    mustBe((await cli.up()).error === null, 'up failed')
    const { env } = (await cli.run('status', '--env')).data as unknown as { env: Record<string, string> }
    const seen: Record<string, object> = {}
    for (const zone of ['BJ', 'SH']) {
      const asked = {
        mysql: `MYSQL_PWD="$EZONE_${zone}_MYSQL_PASSWORD" mysql -h "$EZONE_${zone}_MYSQL_HOST" -P "$EZONE_${zone}_MYSQL_PORT" -u "$EZONE_${zone}_MYSQL_USER" -N -e 'select version()'`,
        redis: `redis-cli -u "$EZONE_${zone}_REDIS_URL" ping 2>/dev/null`,
        kafka: `kcat -b "$EZONE_${zone}_KAFKA_BOOTSTRAP" -L -J | grep -o '"name":"[^"]*"' | head -n 1`,
        // It logs to the same stream as it answers; a line of its own with nothing but the name is the answer.
        zookeeper: `timeout 10 cli_mt "$EZONE_${zone}_ZOOKEEPER_CONNECT" 'cmd:ls /' 2>&1`,
      }
      const answers = Object.entries(asked).map(async ([client, script]) => {
        const { stdout } = await shell(`PATH="$PATH:/usr/lib/zookeeper/bin"; ${script}`, env).catch((error: Error) => {
          throw new Error(`${client} in ${zone}: ${error.message}`)
        })
        mustBe(expected[client as keyof typeof expected].test(stdout), `${client} in ${zone} said ${stdout}`)
        return [client, stdout.trim()] as const
      })
      seen[zone] = Object.fromEntries(await Promise.all(answers))
    }
    return seen
  },
}
