import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Status } from '../../testbed/session/status.ts'
import type { LoadSummary } from '../../testbed/stress/tally.ts'
import { type Answer, Cli, killNow } from '../../testbed/testing/cli.ts'
import { mustBe } from '../proof.ts'

/** A whole testbed for a proof: started by the CLI, asked by it, and looked into beside it. Disposed, it is taken down. */
export class Whole implements AsyncDisposable {
  readonly cli: Cli
  readonly env: Readonly<Record<string, string>>

  private constructor(cli: Cli, env: Readonly<Record<string, string>>) {
    this.cli = cli
    this.env = env
  }

  static async up(...flags: readonly string[]): Promise<Whole> {
    await using made = new AsyncDisposableStack()
    const cli = made.use(await Cli.open())
    done(await cli.up(...flags))
    const { env } = done<{ env: Record<string, string> }>(await cli.run('status', '--env'))
    made.move()
    return new Whole(cli, env)
  }

  /** With a topology that says something else than the default. */
  static async upWith(topology: object, ...flags: readonly string[]): Promise<Whole> {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'prove-'))
    const file = join(folder.path, 'ezone.yaml')
    // JSON is YAML.
    await writeFile(file, JSON.stringify(topology))
    return await Whole.up('--file', file, ...flags)
  }

  /** `data` of a command that must succeed. */
  async run<T>(...args: readonly string[]): Promise<T> {
    return done<T>(await this.cli.run(...args))
  }

  /** Lets the services meet their code before something is measured: in their first seconds they compile it. */
  async warmUp(): Promise<void> {
    await this.load(100, 15)
  }

  /** Load in the background, by the engine that waits as long as the platform holds; ask it for its report when the rest is done. */
  load(qps: number, seconds: number, mix = 'place=100'): Promise<Answer> {
    return this.cli.start('stress', '--qps', String(qps), '--for', `${seconds}s`, '--mix', mix, '--engine', 'builtin')
      .answer
  }

  async rows(zone: string, sql: string, values: readonly (string | number)[] = []): Promise<readonly RowDataPacket[]> {
    await using connection = await createConnection({
      uri: this.env[`EZONE_${zone.toUpperCase()}_MYSQL_URL`] ?? '',
      supportBigNumbers: true,
      bigNumberStrings: true,
    })
    const [rows] = await connection.query<RowDataPacket[]>(sql, [...values])
    return Array.isArray(rows) ? rows : []
  }

  async pids(service: RegExp): Promise<readonly { readonly id: string; readonly pid: number }[]> {
    const { places } = await this.run<Status>('status')
    return places.flatMap(({ name, services }) =>
      services
        .map((s) => ({ id: `${name}/${s.name}`, pid: s.pid ?? 0 }))
        .filter(({ id, pid }) => pid > 0 && service.test(id)),
    )
  }

  /** kill -9 of every service whose id fits; returns their ids. */
  async kill(service: RegExp): Promise<readonly string[]> {
    const found = await this.pids(service)
    mustBe(found.length > 0, `no service fits ${service}`)
    for (const { pid } of found) killNow(pid)
    return found.map(({ id }) => id)
  }

  /** Places an order by city and returns its id. */
  async place(city: string): Promise<{ readonly orderId: string; readonly zone: string; readonly epoch: number }> {
    return this.run('order', 'place', '--city', city)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cli[Symbol.asyncDispose]()
  }
}

export function done<T>(answer: Answer): T {
  mustBe(answer.error === null, `${answer.error?.code}: ${answer.error?.message}\n${answer.stderr.slice(-800)}`)
  return answer.data as T
}

/** What a load says when it failed, too: its data come with the error. */
export const reportOf = (answer: Answer): LoadSummary => answer.data as LoadSummary

/** Every request was answered well. Where the load was void that cannot be said, but what went wrong is told all the same. */
export function mustBeWell({ verdict, requests, failed, unknown, errors, late, dropped }: LoadSummary): void {
  const wrong = `${failed} failed, ${unknown} unknown: ${JSON.stringify(errors)}`
  mustBe(failed + unknown === 0, wrong)
  mustBe(verdict === 'valid', `the load was ${verdict}: of ${requests} requests ${late} were late, ${dropped} dropped`)
}
