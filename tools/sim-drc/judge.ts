import type { RowImage } from '@ezone/sdk/model'
import type { LocalRow } from '../../src/drc/core/types.ts'
import type { OwnWrite } from './client.ts'
import { ordersTable, readRecord, short, type Zone } from './ground.ts'
import type { Played } from './play.ts'

/** What a world should not have shown. */
export interface Finding {
  readonly law:
    | 'quiet'
    | 'equal'
    | 'winner'
    | 'grave'
    | 'once'
    | 'echo'
    | 'loser-kept'
    | 'no-false-loser'
    | 'lock'
    | 'never-back'
    | 'stopped'
  readonly text: string
  /** The key it is about, where it is about one. */
  readonly key?: string
}

/**
 * Holds what the zones have in the end against what was written, which nobody in the simulation knows as a whole. The
 * gravest comes first.
 *
 * For each key the winner is the write with the greatest version of all, in every zone. A loser is a write that is not the
 * winner and was not seen by whoever wrote after it; a delete that loses to another delete has lost nothing.
 */
export function judge(played: Played): readonly Finding[] {
  const { stops, quiet, ground, writes } = played
  const stopped = [...new Set(stops)].map((text): Finding => ({ law: 'stopped', text }))
  const echoes = echoesOf(played)
  const unlocked = ground.zones.flatMap(unlockedSuspects)
  if (!quiet) return [...echoes, ...unlocked, { law: 'quiet', text: 'the zones did not come to rest' }, ...stopped]
  const keys = Map.groupBy(writes, (write) => write.key)
  return [
    ...[...keys].flatMap(([key, all]) => equal(ground.zones, key, all)),
    ...echoes,
    ...stopped,
    ...unlocked,
    ...[...keys].flatMap(([key, all]) => losersKept(ground.zones, key, all)),
    ...ground.zones.flatMap((zone) => [
      ...once(zone, ground.zones),
      ...neverBack(zone),
      ...soundConflicts(zone, writes, ground.zones.length === 2),
    ]),
  ]
}

/** Changes that a log carries although they were not made in its zone. */
export function echoesOf({ ground }: Played): readonly Finding[] {
  return ground.zones.flatMap(({ log, store, name, number }) => {
    const made = new Set(store.binlog.filter((entry) => entry.madeHere).map((entry) => entry.gno))
    return log.map(readRecord).flatMap((record): readonly Finding[] => {
      const foreign = record.rows.find((row) => Number(BigInt(row.ver) & 15n) !== number)
      if (made.has(record.gno) && foreign === undefined) return []
      return [{ law: 'echo', text: `${name} has logged transaction ${record.gno}, which was not made there` }]
    })
  })
}

const stateOf = ({ store }: Zone, key: string): LocalRow => store.read({ table: ordersTable, pk: key })

const show = (row: RowImage | null): string =>
  row ? `${row.value} of version ${short(BigInt(String(row.drc_ver)))}${row.locked === 1 ? ', locked' : ''}` : 'nothing'

function equal(zones: readonly Zone[], key: string, all: readonly OwnWrite[]): readonly Finding[] {
  const winner = all.reduce((best, write) => (write.ver > best.ver ? write : best))
  const wanted = JSON.stringify(winner.image)
  const seen = zones.map((zone) => [zone.name, stateOf(zone, key).row] as const)
  const whole = new Set(seen.map(([, row]) => JSON.stringify(row)))
  const text = `${key} is ${seen.map(([name, row]) => `${show(row)} in ${name}`).join(', ')}`
  if (whole.size > 1) return [{ law: 'equal', key, text }]
  if (!whole.has(wanted))
    return [{ law: 'winner', key, text: `${text}; the winner is ${show(winner.image)} of ${winner.zone}` }]
  const lacking = zones.find((zone) => winner.image === null && stateOf(zone, key).tombstone !== winner.ver)
  return lacking ? [{ law: 'grave', key, text: `${key} is deleted, and ${lacking.name} does not know by whom` }] : []
}

function losersKept(zones: readonly Zone[], key: string, all: readonly OwnWrite[]): readonly Finding[] {
  const seen = new Set(all.map((write) => write.saw))
  const winner = all.reduce((best, write) => (write.ver > best.ver ? write : best))
  const noted = zones.flatMap(({ store }) => store.conflicts)
  return all
    .filter((write) => write !== winner && !seen.has(write.ver))
    .filter((write) => !noted.some((conflict) => conflict.pk === key && conflict.loserVer === write.ver))
    .filter((write) => write.op !== 'delete' || !all.some((other) => other.op === 'delete' && other.ver > write.ver))
    .map((write) => ({
      law: 'loser-kept',
      key,
      text: `${write.zone} wrote ${key} in version ${short(write.ver)}; it lost, and no conflict log has it`,
    }))
}

/** The moves of a position, one after the other, without a hole, up to the last transaction that was made. */
function once({ store, name }: Zone, zones: readonly Zone[]): readonly Finding[] {
  return zones
    .filter((source) => source.name !== name)
    .flatMap((source): readonly Finding[] => {
      const moves = store.moves.filter((move) => move.source === source.name)
      const broken = moves.find((move, index) => move.from !== (moves[index - 1]?.to ?? 0) || move.to <= move.from)
      if (broken)
        return [
          { law: 'once', text: `${name} went from ${broken.from} to ${broken.to} of ${source.name}, out of turn` },
        ]
      const made = source.store.binlog.filter((entry) => entry.madeHere).length
      const reached = moves.at(-1)?.to ?? 0
      return reached === made
        ? []
        : [{ law: 'once', text: `${name} is at ${reached} of ${source.name}, which has made ${made}` }]
    })
}

/** Where a zone owns the shard that it once took, every row in doubt is locked. */
const unlockedSuspects = ({ store, name }: Zone): readonly Finding[] =>
  store.conflicts
    .filter((noted) => store.takenEpoch > 0 && noted.lock && !store.struck.has(noted))
    .map(({ pk: key }) => ({ law: 'lock', key, text: `${name} has noted that ${key} is suspect, and not locked it` }))

/** No key of a store ever goes back to an older version, and no row lives below its own tombstone. */
const neverBack = ({ store, name }: Zone): readonly Finding[] =>
  store.setbacks.map((what) => ({ law: 'never-back', text: `in ${name} ${what}` }))

/**
 * What is noted as lost did lose, is noted once, and is locked where it reaches across a takeover. With two zones it was
 * also not seen by the winner; with more, a change may be overtaken by its own successor.
 */
function soundConflicts({ store, name }: Zone, writes: readonly OwnWrite[], two: boolean): readonly Finding[] {
  const ofKey = Map.groupBy(writes, (write) => write.key)
  const noted = new Set<string>()
  return store.conflicts.flatMap((conflict): readonly Finding[] => {
    const { pk: key, winnerVer, loserVer, loser, lock, takenEpoch } = conflict
    const what = `${name} notes that ${short(loserVer)} of ${key} lost to ${short(winnerVer)}`
    const made = new Map(ofKey.get(key)?.map((write) => [write.ver, write]))
    const incoming = made.get(loser === 'incoming' ? loserVer : winnerVer)
    const twice = noted.has(`${key} ${loserVer} ${winnerVer}`)
    noted.add(`${key} ${loserVer} ${winnerVer}`)
    if (twice) return [{ law: 'no-false-loser', key, text: `${what} twice` }]
    if (winnerVer <= loserVer || incoming === undefined || !made.has(winnerVer) || !made.has(loserVer))
      return [{ law: 'no-false-loser', key, text: `${what}, which cannot be` }]
    if (two && sees(made, winnerVer, loserVer)) return [{ law: 'no-false-loser', key, text: `${what}, which saw it` }]
    if (lock !== incoming.epoch < takenEpoch)
      return [{ law: 'lock', key, text: `${what}; epoch ${incoming.epoch}, taken at ${takenEpoch}, locked: ${lock}` }]
    return []
  })
}

/** Whether one write knew of another: it replaced it, or what it replaced did. */
function sees(made: ReadonlyMap<bigint, OwnWrite>, later: bigint, earlier: bigint): boolean {
  for (let at = made.get(later); at !== undefined; at = made.get(at.saw)) {
    if (at.saw === earlier) return true
    // Versions that do not grow are another law's; followed, they would lead in circles.
    if (at.saw >= at.ver) return false
  }
  return false
}
