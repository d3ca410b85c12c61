import { seeded } from '../demand/random.ts'
import { type Entry, type EntryOf, entrySchema, type History, type OperationEntry } from '../ledger/history.ts'
import type { Judged } from '../report/build-report.ts'
import type { ReportMeta } from '../report/schema.ts'

// A run as a drill would leave it, drawn and not measured: for tests of the report, and to look at it in a browser.
// sh is isolated at 30 s; its shards answer again from bj between 41 and 44 s; at 60 s it is back, at 75 s it has them back.

export interface SampleOptions {
  readonly seed?: number
  readonly operationsPerSecond?: number
  readonly seconds?: number
  /** `lost`: sh goes away. `quiet`: nothing happens. */
  readonly what?: 'lost' | 'quiet'
  /** Put into every text that comes from outside. */
  readonly hostile?: string
}

const names = [
  ...[
    'Beijing',
    'Tianjin',
    'Hebei',
    'Shanxi',
    'Inner Mongolia',
    'Liaoning',
    'Jilin',
    'Heilongjiang',
    'Shandong',
    'Henan',
  ],
  ...[
    'Shaanxi',
    'Gansu',
    'Qinghai',
    'Ningxia',
    'Xinjiang',
    'Tibet',
    'Shanghai',
    'Jiangsu',
    'Zhejiang',
    'Anhui',
    'Fujian',
  ],
  ...['Jiangxi', 'Hubei', 'Hunan', 'Guangdong', 'Guangxi', 'Hainan', 'Chongqing', 'Sichuan', 'Guizhou', 'Yunnan'],
]
const firstOfSh = 16
const at = { isolated: 30_000, detected: 33_000, fenced: 40_500, healed: 60_000, back: 75_000 }

const emptyHistory = (): Open =>
  Object.fromEntries(entrySchema.options.map(({ shape }) => [shape.type.value, []])) as unknown as Open

export function sampleHistory(options: SampleOptions = {}): History {
  const { seed = 7, seconds = 90, operationsPerSecond = 120, what = 'lost', hostile = '' } = options
  const history = emptyHistory()
  const shards = names.map((name, index) => ({
    ...{ shard: index + 1, zone: index < firstOfSh ? 'bj' : 'sh', name: `${name}${hostile}` },
  }))
  history.begin.push({
    ...{ type: 'begin', format: 1, run: `20261121-100203-${seed}${hostile}`, name: 'zone-lost', seed },
    ...{ startedAt: '2026-11-21T10:02:03.000Z', testbed: 'default', runtime: 'process', policy: 'strict' },
    ...{ zones: ['bj', 'sh'], shards },
  })
  const lost = what === 'lost'
  history.op.push(...operationsOf({ seed, seconds, operationsPerSecond, lost, hostile }))
  if (lost) addTrouble(history, hostile)
  addLag(history, seconds, lost)
  addRows(history, lost, hostile)
  const sent = history.op.length
  history.generator.push({
    ...{ type: 'generator', intended: sent, sent, inTime: sent - 3, dropped: 0, ranMs: seconds * 1_000 },
  })
  history.end.push({ type: 'end', atMs: seconds * 1_000 + 4_000, interrupted: false })
  return history
}

interface Asked {
  readonly seed: number
  readonly seconds: number
  readonly operationsPerSecond: number
  readonly lost: boolean
  readonly hostile: string
}

function operationsOf({ seed, seconds, operationsPerSecond, lost, hostile }: Asked): readonly OperationEntry[] {
  const random = seeded(seed)
  const count = seconds * operationsPerSecond
  return Array.from({ length: count }, (_, index) => {
    const intendedMs = (index * 1_000) / operationsPerSecond
    const shard = 1 + Math.floor(random() * names.length)
    const home = shard > firstOfSh ? 'sh' : 'bj'
    const movedMs = at.fenced + 500 + 180 * (shard - firstOfSh)
    const away = lost && home === 'sh' && intendedMs >= at.isolated && intendedMs < movedMs
    const moved = lost && home === 'sh' && intendedMs >= movedMs && intendedMs < at.back
    const slow = away ? 1_000 : 12 + 25 * -Math.log(1 - random()) + (moved ? 8 : 0)
    const outcome = away ? (random() < 0.8 ? 'unknown' : 'failed') : random() < 0.0003 ? 'failed' : 'ok'
    const zone = moved ? 'bj' : home
    const placed = random() < 0.6
    return {
      ...{ type: 'op', index, client: `c${shard}${hostile}`, inside: null, kind: placed ? 'place' : 'read' },
      ...{ key: placed ? `k-${index}` : null, subject: null, wanted: null, intendedMs, sentMs: intendedMs + 0.4 },
      ...{ answeredMs: intendedMs + slow, outcome, code: outcome === 'ok' ? null : `EZ_UPSTREAM_TIMEOUT${hostile}` },
      ...{
        zone: away ? null : zone,
        shard,
        epoch: away ? null : moved ? 12 : lost && home === 'sh' && intendedMs >= at.back ? 13 : 11,
        orderId: placed ? `${2 ** 40 + index}` : null,
      },
      ...{ version: null, saw: null, riderId: null, traceId: null },
    } as OperationEntry
  })
}

type Open = { [T in Entry['type']]: EntryOf<T>[] }

function addTrouble(history: Open, hostile: string): void {
  const fault = { type: 'fault', id: `f1${hostile}`, kind: 'isolate', target: `sh${hostile}` } as const
  history.fault.push(
    { ...fault, phase: 'asked', atMs: at.isolated - 40, proven: null },
    { ...fault, phase: 'in-force', atMs: at.isolated, proven: true },
    { ...fault, phase: 'ended', atMs: at.healed, proven: true },
  )
  const shards = names.map((_, index) => index + 1).filter((shard) => shard > firstOfSh)
  const steps: readonly (readonly [string, number, string | null])[] = [
    ['detected', at.detected, 'bj and the edge agree that sh does not answer'],
    ['decided', at.detected + 100, null],
    ['fenced', at.fenced, 'the leases of sh have ended'],
    ['published', at.fenced + 300, 'epoch 12'],
    ['suspects locked', at.fenced + 400, `2 orders acknowledged and not arrived${hostile}`],
    ['serving', at.fenced + 600, null],
    ['failback begins', at.back - 2_000, null],
    ['failback done', at.back + 900, null],
  ]
  for (const [name, atMs, text] of steps)
    history.step.push({ type: 'step', switch: `s1${hostile}`, name: `${name}${hostile}`, shards, atMs, text })
  for (const shard of shards) {
    const taken = at.fenced + 300 + 180 * (shard - firstOfSh)
    const change = { type: 'owner', shard } as const
    history.owner.push(
      { ...change, atMs: 0, zone: 'sh', state: 'ACTIVE', epoch: 11 },
      { ...change, atMs: at.fenced, zone: 'bj', state: 'TAKEOVER', epoch: 12 },
      { ...change, atMs: taken, zone: 'bj', state: 'ACTIVE', epoch: 12 },
      { ...change, atMs: at.back - 400, zone: 'bj', state: 'FROZEN', epoch: 12 },
      { ...change, atMs: at.back, zone: 'sh', state: 'ACTIVE', epoch: 13 },
    )
  }
}

function addLag(history: Open, seconds: number, lost: boolean): void {
  const random = seeded(99)
  for (let atMs = 500; atMs < seconds * 1_000; atMs += 500)
    for (const [source, target] of [
      ['bj', 'sh'],
      ['sh', 'bj'],
    ] as const) {
      const away = lost && atMs >= at.isolated && atMs < at.healed
      const late = lost && atMs >= at.healed && atMs < at.healed + 4_000 ? (at.healed + 4_000 - atMs) * 6 : 0
      const measuredMs = away ? null : 40 + 30 * random() + late
      const claimedMs = away ? atMs - at.isolated : (measuredMs ?? 0) + 5 * random()
      history.lag.push({ type: 'lag', atMs, source, target, claimedMs, measuredMs })
    }
}

function addRows(history: Open, lost: boolean, hostile: string): void {
  const rows = { bj: 5_210, sh: 5_210 }
  for (const table of ['delivery.orders', 'delivery.order_requests', 'delivery.order_riders'])
    history.compared.push({
      type: 'compared',
      atMs: 93_000,
      table: `${table}${hostile}`,
      equal: true,
      rows,
      differing: 0,
    })
  const counted = { type: 'replicated', logged: 5_400, applied: 5_400, repeatedInLog: 0, appliedTwice: 0 } as const
  history.replicated.push({ ...counted, source: 'bj', target: 'sh', committed: 5_400 })
  history.replicated.push({ ...counted, source: 'sh', target: 'bj', committed: 5_400 })
  if (!lost) return
  const orderId = `1099511627999${hostile}`
  history.conflict.push({
    ...{
      type: 'conflict',
      zone: 'bj',
      table: 'delivery.orders',
      key: orderId,
      winner: '118820',
      loser: '118817',
      locked: true,
    },
  })
  const row = { orderId, shard: 17, epoch: 12, state: 'PAID', version: '118820', riderId: null, locked: true } as const
  history.order.push(
    { type: 'order', zone: 'bj', bornIn: 'sh', ...row },
    { type: 'order', zone: 'sh', bornIn: 'sh', ...row },
  )
}

const claim = (name: string, statement: string, checked: number) => ({
  ...{ name, statement, checked, verdict: 'valid' as const, counterexample: null, why: null, ids: [] },
})

const claims = [
  claim(
    'no-acknowledged-order-lost',
    'Every acknowledged order, and every acknowledged state of it, is there at the end',
    6_104,
  ),
  claim(
    'unique-ids',
    'Every id was given once, in the space of the zone that gave it, and every request made one order',
    6_104,
  ),
  claim(
    'order-states-monotone',
    'No order ever went back: its states follow the life of an order, its versions grow',
    8_020,
  ),
  claim(
    'one-owner-at-a-time',
    'Every acknowledged write was made by the zone that owned its shard then: wrong-zone writes are 0',
    6_104,
  ),
  claim('stores-converged', 'When all is quiet every zone holds the same rows', 15_630),
  claim('registration-linearizable', 'Of every phone there is one user, from the moment somebody was told so', 412),
]

const story = `Order 1099511627888 was acknowledged at 29.91 s by zone sh (shard 17, epoch 11): PAID, version 118790.
At the end no zone has it: bj never received it, and sh does not have it either.`

/** What checks would say of the sample; `broken` has a claim that does not hold and orders that are gone. */
export function sampleJudged(kind: 'good' | 'broken' | 'open' | 'quiet' = 'good', hostile = ''): Judged {
  const [first, ...rest] = claims
  const ids = ['1099511627888', '1099511627891', '1099511627903'].map((id) => `${id}${hostile}`)
  const broken = {
    ...(first ?? claim('', '', 0)),
    verdict: 'invalid' as const,
    counterexample: `${story}${hostile}`,
    ids,
  }
  const open = {
    ...(first ?? claim('', '', 0)),
    verdict: 'unknown' as const,
    why: `no rows of orders were read${hostile}`,
  }
  const verdict = { good: 'valid', broken: 'invalid', open: 'unknown', quiet: 'valid' } as const
  const list = { good: claims, broken: [broken, ...rest], open: [open, ...rest], quiet: claims }
  const away = kind !== 'quiet'
  return {
    ...{
      verdict: verdict[kind],
      grade: kind === 'broken' ? 'P0' : away ? 'P3' : 'P5',
      axes: axes(kind),
      claims: list[kind],
      why: [],
    },
    measures: {
      times: times(away),
      ...{ rtoMs: away ? 13_980 : null, writeGapMs: away ? 13_700 : null, rpoOrders: kind === 'broken' ? ids : [] },
      rpo: { claimed: [], missed: [], forGood: kind === 'broken' ? ids : [] },
      acknowledged: 6_104,
      rto: { perShard: away ? perShard : [], p50Ms: null, worstShard: null, registrationMs: null },
    },
  }
}

const axes = (kind: string): NonNullable<Judged['axes']> => [
  { name: 'order-loss', grade: kind === 'quiet' ? 'P5' : 'P3', value: kind === 'quiet' ? 0 : 0.021 },
  { name: 'core-flow-down', grade: kind === 'quiet' ? 'P5' : 'P3', value: kind === 'quiet' ? 0 : 11_000 },
  { name: 'lost-acknowledged', grade: kind === 'broken' ? 'P0' : 'P5', value: kind === 'broken' ? 0.0005 : 0 },
  { name: 'wrong-data', grade: 'P5', value: null },
  { name: 'stuck', grade: 'P5', value: 0 },
]

const perShard = names.slice(firstOfSh).map((_, index) => ({
  ...{ shard: firstOfSh + index + 1, rtoMs: 11_280 + 180 * index, writeGapMs: 11_000 + 180 * index },
}))

const times = (away: boolean): Judged['measures']['times'] => ({
  ...{
    t0: away ? at.isolated : null,
    t1: away ? 30_990 : null,
    t2: away ? at.detected : null,
    t3: away ? at.detected + 100 : null,
  },
  ...{ t4: away ? at.fenced : null, t5: away ? at.fenced + 300 : null, t6: away ? at.fenced + 420 : null },
  ...{ t7: away ? 41_230 : null, t8: away ? 43_980 : null },
})

export const sampleMeta = (hostile = ''): ReportMeta => ({
  ...{ version: '0.2.0', machine: { cores: 2, memoryBytes: 8 * 1024 ** 3, node: '24.21.0' } },
  title: `A zone is lost, the other takes over${hostile}`,
  hypothesis: `Orders of the lost zone are served by the other within 30 s, and none that was acknowledged is missing.${hostile}`,
  allowed: { grade: 'P3', rtoMs: 30_000, rpoOrders: 0 },
  links: ['mysql', 'kafka', 'zookeeper'].map((protocol) => ({
    ...{ from: 'bj', to: 'sh', link: 'bj-sh', protocol, askedRttMs: 30, p50Ms: 30.6, samples: 20 },
  })),
  rerun: `ezone drill run zone-lost --seed 7${hostile}`,
})
