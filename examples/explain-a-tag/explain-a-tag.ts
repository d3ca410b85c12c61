import { type Decider, decidingTag, parseTags, type TableIndex } from '@ezone/sdk'

/** Where a request with this tag goes, and why, in one sentence: by the same code as every router. */
export function explainTag(text: string, decider: Decider, table: TableIndex): string {
  const { zone, shard, epoch, rule, cell, candidates } = decider.decide(decidingTag(parseTags(text)), table)
  const [chosen, ...others] = candidates.map(({ name }) => name)
  const rivals = others.length === 0 ? '' : `, rather than ${others.join(' or ')}`
  return `to ${zone}: cell ${cell} belongs to shard ${shard} (${chosen}), epoch ${epoch}, by ${rule}${rivals}`
}
