import type { OperationEntry } from '../ledger/history.ts'

/** A moment of the run, for people. */
export const at = (ms: number): string => (Number.isFinite(ms) ? `at ${(ms / 1000).toFixed(2)} s` : 'at the end')

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

/** Who promised it: as far as the answer said. */
export function whoSaid({ zone, shard, epoch }: OperationEntry): string {
  const where = zone === null ? 'the platform' : `zone ${zone}`
  const under = [shard === null ? null : `shard ${shard}`, epoch === null ? null : `epoch ${epoch}`]
  const known = under.filter((one) => one !== null)
  return known.length === 0 ? where : `${where} (${known.join(', ')})`
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`
