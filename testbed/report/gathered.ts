import type { Phrase } from './phrase.ts'
import { phrase } from './phrase.ts'
import type { Alert } from './schema.ts'
import { subjectWords } from './words.ts'

/** One alert, or those of many shards that fired together: a person has one cause to look for. */
export interface Gathered extends Alert {
  readonly who: Phrase
}

const togetherMs = 2_000

/** Alerts of shards with the same rule and the same fault that fired within two seconds, each group as one. For people. */
export function gathered(alerts: readonly Alert[]): readonly Gathered[] {
  const groups: [Alert, ...Alert[]][] = []
  const latest = new Map<string, [Alert, ...Alert[]]>()
  for (const alert of alerts) {
    const kind = `${alert.rule} ${alert.fault}`
    const group = isShard(alert) ? latest.get(kind) : undefined
    if (group !== undefined && alert.firedMs - group[0].firedMs <= togetherMs) {
      group.push(alert)
      continue
    }
    const own: [Alert] = [alert]
    groups.push(own)
    if (isShard(alert)) latest.set(kind, own)
  }
  return groups.map(([first, ...others]) => asOne(first, others))
}

const isShard = ({ subject }: Alert) => subject.startsWith('shard ')

function asOne(first: Alert, others: readonly Alert[]): Gathered {
  if (others.length === 0) return { ...first, who: subjectWords(first.subject) }
  const all = [first, ...others]
  const numbers = all.map(({ subject }) => subject.slice('shard '.length)).join(', ')
  const resolved = all.map(({ resolvedMs }) => resolvedMs)
  return {
    ...first,
    fired: all.reduce((sum, { fired }) => sum + fired, 0),
    resolvedMs: resolved.includes(null) ? null : Math.max(...resolved.map(Number)),
    worst: all.reduce<number | null>((a, { worst }) => (worst === null ? a : Math.max(a ?? worst, worst)), null),
    who: phrase(`${all.length} shards (${numbers})`, `${all.length} 个分片（${numbers}）`),
  }
}
