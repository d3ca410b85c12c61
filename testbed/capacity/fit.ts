/** What a program spent at a rate: processors at work. */
export interface Measured {
  readonly qps: number
  readonly cpus: number
}

/** CPU as a straight line over the rate: what it takes to be there, and what each request adds. */
export interface Fit {
  readonly baseCpus: number
  readonly msPerRequest: number
  /** How far the worst measurement is from the line, in processors. */
  readonly offCpusMax: number
}

/**
 * The line nearest to what was measured, by least squares. Neither of its parts is below nothing: a program does not
 * begin in debt, and more requests do not cost less. Pure.
 */
export function fitLine(measured: readonly Measured[]): Fit {
  const count = measured.length
  if (count === 0) return { baseCpus: 0, msPerRequest: 0, offCpusMax: 0 }
  const meanQps = sum(measured.map(({ qps }) => qps)) / count
  const meanCpus = sum(measured.map(({ cpus }) => cpus)) / count
  const spread = sum(measured.map(({ qps }) => (qps - meanQps) ** 2))
  const together = sum(measured.map(({ qps, cpus }) => (qps - meanQps) * (cpus - meanCpus)))
  const slope = spread > 0 ? Math.max(0, together / spread) : 0
  const base = meanCpus - slope * meanQps
  // A line through nothing where the best one would begin below it.
  const squares = sum(measured.map(({ qps }) => qps * qps))
  const [baseCpus, perQps] =
    base >= 0 ? [base, slope] : [0, squares > 0 ? sum(measured.map(({ qps, cpus }) => qps * cpus)) / squares : 0]
  const off = measured.map(({ qps, cpus }) => Math.abs(baseCpus + perQps * qps - cpus))
  return { baseCpus, msPerRequest: perQps * 1_000, offCpusMax: Math.max(...off) }
}

/** The rate at which a line comes to so many processors; null where it never does. */
export function rateAt(
  { baseCpus, msPerRequest }: Pick<Fit, 'baseCpus' | 'msPerRequest'>,
  cpus: number,
): number | null {
  if (msPerRequest <= 0) return null
  return Math.max(0, ((cpus - baseCpus) * 1_000) / msPerRequest)
}

/** Processors at work at a rate. */
export const cpusAt = ({ baseCpus, msPerRequest }: Pick<Fit, 'baseCpus' | 'msPerRequest'>, qps: number): number =>
  baseCpus + (msPerRequest * qps) / 1_000

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
