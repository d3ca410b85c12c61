import { EzoneError } from '@ezone/sdk/errors'
import type { ZoneSwitch } from '@ezone/sdk/model'
import { table } from '../face/table.ts'
import { globalOfSwitchText } from '../gzs/global-of-switch.ts'
import type { FollowOptions } from './follow-switch.ts'
import type { SwitchPlan } from './plan-switch.ts'
import type { Switched } from './run-switch.ts'
import type { SwitchResult, SwitchStep } from './switch-result.ts'

/** One step of one shard, as it is seen. */
const stepLine = ({ name, atMs, shards, text }: SwitchStep, sinceMs: number): string =>
  `${String(atMs - sinceMs).padStart(6)} ms  ${name.padEnd(11)}  ${shards.join(', ').padEnd(4)}  ${text}`

/** What is said while a switch goes on, line by line. */
export function told(say: (line: string) => void): Required<Pick<FollowOptions, 'onBegun' | 'onStep'>> {
  let sinceMs: number | undefined
  return {
    onBegun: (id) => say(`${id} is recorded: it goes on whatever becomes of this command`),
    onStep: (step) => {
      sinceMs ??= step.atMs
      say(stepLine(step, sinceMs))
    },
  }
}

export function switchedText(result: Switched): string {
  const { id, from, to, shards, perShard, writeGapMs, rtoMs, longestHoldMs, clientErrors, mode } = result
  const global = globalOfSwitchText(result.global, from, to)
  if (id === null) return [`nothing to move: ${to} serves all of it already`, ...global].join('\n')
  const arrived = perShard.filter(({ epoch }) => epoch !== null).length
  const worst = perShard.find(({ gapMs }) => gapMs === writeGapMs)
  return [
    `${id}: ${arrived} of ${shards.length} shards moved from ${from} to ${to} (${mode}) in ${rtoMs} ms`,
    `longest time a shard had no owner: ${writeGapMs} ms${worst === undefined ? '' : ` (shard ${worst.shard})`}`,
    ...(longestHoldMs === null ? [] : [`longest hold at a router: ${longestHoldMs} ms`]),
    ...(clientErrors === null ? [] : [`requests that routers had to refuse: ${clientErrors}`]),
    ...suspectsText(result),
    ...global,
    'MySQL only: Kafka and Redis are not replicated; dispatch finds its backlog in MySQL, riders report again',
  ].join('\n')
}

function suspectsText({ mode, to, suspects, rpoOrders, suspectsComplete }: SwitchResult): readonly string[] {
  if (mode === 'planned') return ['lost: nothing; every write was there before the zone changed']
  const more = suspectsComplete === true ? '' : '; there may be more: not every router could tell'
  if (suspects.length === 0) return [`acknowledged and not arrived: none${more}`]
  const ids = rpoOrders.slice(0, 5).join(', ')
  return [
    `acknowledged and not arrived: ${rpoOrders.length} orders (${ids}${rpoOrders.length > 5 ? ' …' : ''})${more}`,
    `they are locked in ${to}, or will be missing there, until what was acknowledged arrives`,
  ]
}

/** @throws EZ_SWITCH_STOPPED */
export function requireSwitched({ id, outcome, perShard, reason, from, to }: SwitchResult): void {
  if (outcome === 'switched') return
  const stayed = perShard.filter(({ epoch }) => epoch === null).map(({ shard }) => shard)
  throw new EzoneError('EZ_SWITCH_STOPPED', `${id} from ${from} to ${to}: shards ${stayed.join(', ')} stay; ${reason}`)
}

export function switchesText(switches: readonly ZoneSwitch[]): string {
  const rows = switches.map((s) => [
    s.id,
    new Date(s.startedAtMs).toISOString(),
    `${s.from} -> ${s.to}`,
    s.mode,
    `${s.parts.filter(({ epoch }) => epoch !== null).length}/${s.parts.length}`,
    s.outcome ?? `runs (${s.controller})`,
    s.who,
    s.reason ?? s.why,
  ])
  return table(['switch', 'begun', 'what', 'mode', 'shards', 'outcome', 'who', 'why'], rows)
}

export function planText({
  from,
  to,
  shards,
  lostOrders,
  complete,
  red,
  behind,
  ageMs,
  unsettled,
  global,
}: SwitchPlan): string {
  const rows = shards.map(({ shard, name, acknowledged, orders }) => [shard, name, acknowledged, orders.length])
  const lag =
    behind === null ? `nobody knows how far ${to} is behind` : `${to} is ${behind} changes behind (${ageMs} ms)`
  return [
    table(['shard', 'name', 'acknowledged in 60 s', 'not arrived'], rows),
    '',
    `${shards.length} shards would move from ${from} to ${to}; ${lag}`,
    red.length === 0 ? 'planned: may begin, and would lose nothing' : `planned: would be refused: ${red.join('; ')}`,
    ...(unsettled.length === 0 ? [] : [`planned: would be refused: shards ${unsettled.join(', ')} are not settled`]),
    `hard: ${lostOrders} orders would be behind what clients were told${complete ? '' : ', at least: not everybody could tell'}`,
    ...globalPlanText(global, from, to),
    'MySQL only: Kafka and Redis are not replicated; dispatch finds its backlog in MySQL, riders report again',
  ].join('\n')
}

function globalPlanText(global: SwitchPlan['global'], from: string, to: string): readonly string[] {
  if (global === null) return []
  const hard = global.covered ? 'nothing acknowledged would be lost' : `what ${from} acknowledged alone would be lost`
  return [`the global master would move to ${to} too; hard: ${hard}`]
}
