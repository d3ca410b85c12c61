import type { Statement } from './statements.ts'

/** What has to be known of a command to run it as its page shows it. */
export interface Special {
  /** How it may end, where not with 0. */
  readonly exits?: readonly number[]
  /** What sets the stage, where a reader would come to it otherwise than by reading on. */
  readonly before?: readonly string[]
  /** It takes too long here: the test or proof that runs it, or the page where it is run. */
  readonly elsewhere?: string
}

export interface PagePlan {
  /** What a reader has done before. */
  readonly begin?: readonly string[]
  /** What stands for something the reader has seen by then: the newest order, the newest run. */
  readonly stands?: Readonly<Record<string, 'order' | 'run'>>
  readonly commands?: Readonly<Record<string, Special>>
}

const drilled = 'tools/proofs/drills.ts'
const planted = 'commands/drill/drill.zone.test.ts'
const id = '128349579312300288'
const up = 'ezone up'
/** The old global master follows the new one a moment after it has handed over. */
const followed =
  'for n in 1 2 3 4 5 6 7 8 9; do ezone global status 2>&1 | grep "is in every zone" && break; sleep 2; done'

/**
 * Every page that shows commands, in the order in which they are tried, and what is special about them. All others are
 * run as they stand and must end with 0. Names of commands are what follows `ezone` on the page; `NAME #2` is the second
 * one of that name.
 */
export const pages: Readonly<Record<string, PagePlan>> = {
  'README.md': {
    stands: { [id]: 'order' },
    commands: {
      'simulate --minutes 5 --speed 60': { elsewhere: 'tools/proofs/simulate.ts' },
      // A machine with much else to do gives no verdict.
      'stress --qps 100 --for 10s': { exits: [0, 8] },
      'drill run partition': { exits: [0, 8] },
      'new service notes --yes': { elsewhere: 'testbed/scaffold/made.long.test.ts' },
    },
  },
  'docs/guide/first-drill.md': {
    stands: { '128058375530496000': 'order' },
    commands: { 'drill run partition': { elsewhere: 'README.md' } },
  },
  'docs/guide/reading-a-report.md': {
    begin: [up],
    stands: { '20261121-2027': 'run', '20261121-18': 'run' },
  },
  'docs/guide/orders.md': { begin: [up] },
  'docs/guide/shards.md': {
    begin: [up],
    commands: {
      'shard move 31 --to bj --takeover --why sh does not answer': { before: ['ezone shard move 31 --to sh'] },
    },
  },
  'docs/guide/failover.md': {
    begin: [up],
    stands: { [id]: 'order' },
    commands: {
      'failover sh --shards 31,32 --canary': { before: ['ezone failback sh'] },
      'failover sh --hard --why sh does not answer': { before: ['ezone failback sh'] },
      [`order unlock ${id}`]: { before: ['ezone order place --city Shanghai'] },
    },
  },
  'docs/guide/global.md': {
    begin: [up],
    commands: {
      'global move --to sh --hard --why bj does not answer': {
        before: [followed, 'ezone global move --to bj', followed],
      },
    },
  },
  'docs/guide/chaos.md': { begin: [up] },
  'docs/guide/doctor.md': {
    // It may find something.
    commands: { doctor: { exits: [0, 4] }, 'doctor --json': { exits: [0, 4] } },
  },
  'docs/guide/drills.md': {
    begin: [up],
    commands: {
      'drill run partition': { elsewhere: 'README.md' },
      'drill run zone-lost --zone bj --seed 7719': { elsewhere: drilled },
      'drill replay 20261121-204533-partition': { elsewhere: 'testbed/drills/interrupted.drill.test.ts' },
      'drill run --all': { elsewhere: drilled },
      'drill run ./slow-then-cut.yaml': { elsewhere: planted },
    },
  },
  'docs/guide/planted-bugs.md': {
    commands: {
      'up --name broken --sabotage lost-apply': { elsewhere: planted },
      'drill run partition --name broken': { elsewhere: 'tools/prove/planted-bug.ts' },
      'down --name broken': { elsewhere: 'testbed/session/topologies.long.test.ts' },
    },
  },
  'docs/guide/replication.md': {
    begin: [up],
    stands: { [id]: 'order' },
    // After the row was changed beside the binlog.
    commands: { 'drc verify #2': { exits: [7] } },
  },
  'docs/guide/stress.md': {
    begin: [up],
    // A machine with much else to do gives no verdict.
    commands: {
      'stress --qps 300 --for 30s': { exits: [0, 8] },
      'stress --qps 2000 --for 60s --profile ramp-to-break': { exits: [0, 8] },
      'stress --qps 100 --drill evacuate': { elsewhere: 'tools/proofs/stress-drill.ts' },
      'capacity --qps 100 --growth 2': { exits: [0, 8] },
    },
  },
  'docs/guide/services.md': {
    commands: {
      'new service notes --yes': { elsewhere: 'testbed/scaffold/made.long.test.ts' },
      'dev notes': { elsewhere: 'testbed/session/dev.drill.test.ts' },
      'check notes': { elsewhere: 'testbed/session/check.drill.test.ts' },
    },
  },
  'docs/guide/dev.md': {
    begin: [up],
    commands: { 'dev examples/python-service': { elsewhere: 'testbed/session/dev.drill.test.ts' } },
  },
  'docs/guide/adding-a-zone.md': { begin: ['ezone down'] },
}

/** A statement of a page and what is special about it. */
export interface Planned extends Statement {
  readonly special: Special
}

/** The statements of a page with their specials. Those of no page stand in `unused`: the plan has outlived the page. */
export function planned(
  statements: readonly Statement[],
  { commands = {} }: PagePlan,
): { readonly all: readonly Planned[]; readonly unused: readonly string[] } {
  const met = new Map<string, number>()
  const used = new Set<string>()
  const all = statements.map((statement) => {
    const specials = statement.ours.map((name) => {
      const count = (met.get(name) ?? 0) + 1
      met.set(name, count)
      const key = `${name} #${count}` in commands ? `${name} #${count}` : name
      used.add(key)
      return commands[key] ?? {}
    })
    return { ...statement, special: Object.assign({}, ...specials) as Special }
  })
  return { all, unused: Object.keys(commands).filter((key) => !used.has(key)) }
}
