import type { LinkAudit } from '../../testbed/agent/link-queries.ts'
import type { MeasuredPath } from '../../testbed/links/measure.ts'
import { Cli } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof, testsPass } from '../proof.ts'

const protocols = ['mysql', 'redis', 'kafka', 'zookeeper', 'http'] as const

/** The best of a few measurements: a probe that had to wait for a processor measures the machine, not the link. */
const rounds = 3

export const proof: Proof = {
  statement:
    '`ezone links --json`: bj-sh p50 RTT 30-33 ms on MySQL, Redis, Kafka, ZooKeeper and HTTP paths, in-zone < 1 ms; ' +
    '`links audit --cut`: 0 bypasses, 0 leaks; a planted bypass is found',
  limitMs: 10 * 60_000,
  async see(context) {
    await using cli = await Cli.open()
    const up = await cli.up()
    mustBe(up.error === null, `up failed: ${up.error?.message}`)
    const measured: (readonly MeasuredPath[])[] = []
    for (let round = 0; round < rounds; round++)
      measured.push(((await cli.run('links')).data as unknown as { paths: readonly MeasuredPath[] }).paths)
    const best = (path: MeasuredPath) =>
      Math.min(
        ...measured.map(
          (paths) => paths.find((p) => p.from === path.from && p.target === path.target)?.p50Ms ?? Number.NaN,
        ),
      )
    const paths = measured[0] ?? []
    const across = protocols.map((protocol) => {
      const values = paths.filter((p) => p.link === 'bj-sh' && p.protocol === protocol).map(best)
      mustBe(values.length >= 2, `${protocol} was not measured both ways`)
      mustBe(
        values.every((ms) => ms >= 30 && ms <= 33),
        `${protocol} over bj-sh took ${values.join(', ')} ms`,
      )
      return [protocol, values] as const
    })
    const within = paths.filter((p) => p.link === null).map(best)
    mustBe(within.length > 0 && within.every((ms) => ms < 1), `a path within a place took ${Math.max(...within)} ms`)
    const audit = (await cli.run('links', 'audit', '--cut')).data as unknown as LinkAudit
    mustBe(audit.bypasses.length === 0 && audit.unknown.length === 0, `bypasses: ${JSON.stringify(audit.bypasses)}`)
    mustBe(
      audit.cut !== null && audit.cut.leaked.length === 0 && audit.cut.silent > 0,
      `leaked: ${JSON.stringify(audit.cut)}`,
    )
    await cli.run('down')
    const planted = await testsPass(context, 'long', 'testbed/session/links.long.test.ts')
    return {
      bjShP50Ms: Object.fromEntries(across),
      withinPlaceP50MsMax: Math.max(...within),
      sockets: audit.sockets,
      bypasses: 0,
      silent: audit.cut?.silent,
      leaked: 0,
      testsWithPlantedBypass: planted,
    }
  },
}
