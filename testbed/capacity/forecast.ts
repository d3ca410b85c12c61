import { cpusAt, type Fit, fitLine, type Measured, rateAt } from './fit.ts'

/** A program of the testbed, as far as its capacity goes. */
export interface Program {
  /** `sh/mysql`, `edge/router-2`; `k6` and `stress` of the generator. */
  readonly spec: string
  /** `mysql`, `router`: all instances of one kind in a place work together. */
  readonly hop: string
  /** The zone it works for; null at the edge, and of the generator. */
  readonly zone: string | null
  /** How many processors it can use: one of a service, all of a store. */
  readonly cpusMax: number
  readonly measured: readonly Measured[]
}

export interface HopForecast {
  readonly hop: string
  readonly zone: string | null
  readonly baseCpus: number
  /** CPU milliseconds of one request to the whole testbed. */
  readonly msPerRequest: number
  /** The rate at which its busiest instance has nothing left, had each a machine of its own; null where it spends nothing. */
  readonly saturatesAtQps: number | null
  /** Processors at the grown rate, all instances together, and the share of what the busiest one has. */
  readonly grownCpus: number
  readonly grownShare: number
  readonly onPath: boolean
}

export interface ZoneForecast {
  readonly zone: string
  /** Of all requests so many are served there now. */
  readonly share: number
  /** All requests at which its first hop has nothing left, were it to carry all; null where nothing is known of it. */
  readonly saturatesAtQps: number | null
  /** That hop. */
  readonly hop: string | null
  /** How often today's rate fits into it. */
  readonly headroom: number | null
}

export interface Forecast {
  readonly hops: readonly HopForecast[]
  /** All on this machine, the generator too. */
  readonly machine: { readonly cpus: number; readonly saturatesAtQps: number | null; readonly grownShare: number }
  /** The hops that a client waits for, in order, and the one that has nothing left first. */
  readonly criticalPath: readonly string[]
  readonly weakestHop: string | null
  readonly zones: readonly ZoneForecast[]
}

export interface ForecastOptions {
  readonly programs: readonly Program[]
  readonly machineCpus: number
  /** Today's rate, and how much more it shall be. */
  readonly qps: number
  readonly growth: number
  /** Hops that a client waits for, in order. */
  readonly path: readonly string[]
  readonly shares: Readonly<Record<string, number>>
}

/** A hop that spends less of a request than this is not met by it: it only runs beside. */
const pathShareMin = 0.005

/** What the testbed can take, by what it was seen to spend: straight lines, carried on. Pure. */
export function forecast(options: ForecastOptions): Forecast {
  const { programs, machineCpus, qps, growth, path, shares } = options
  const fitted = programs.map((program) => ({ ...program, fit: fitLine(program.measured) }))
  const grown = qps * growth
  const hops = [...Map.groupBy(fitted, ({ hop, zone }) => `${zone ?? ''} ${hop}`).values()].map((all) =>
    hopOf(all, grown, path),
  )
  const all = fitLine(summed(programs))
  const spent = hops.reduce((sum, { msPerRequest }) => sum + msPerRequest, 0)
  const onPath = hops.filter((hop) => hop.onPath && hop.msPerRequest >= spent * pathShareMin)
  const weakest = onPath.toSorted((a, b) => (a.saturatesAtQps ?? 0) - (b.saturatesAtQps ?? 0))[0]
  return {
    hops: hops.toSorted((a, b) => b.msPerRequest - a.msPerRequest),
    machine: {
      cpus: machineCpus,
      saturatesAtQps: whole(rateAt(all, machineCpus)),
      grownShare: share(cpusAt(all, grown), machineCpus),
    },
    criticalPath: path.filter((name) => onPath.some(({ hop }) => hop === name)),
    weakestHop: weakest === undefined ? null : nameOf(weakest),
    zones: Object.entries(shares).map(([zone, part]) => zoneOf(fitted, { zone, part, qps })),
  }
}

type Fitted = Program & { readonly fit: Fit }

function hopOf(all: readonly Fitted[], grown: number, path: readonly string[]): HopForecast {
  const { hop = '', zone = null } = all[0] ?? {}
  const sum = (of: (fit: Fit) => number) => all.reduce((total, { fit }) => total + of(fit), 0)
  return {
    hop,
    zone,
    baseCpus: round(sum(({ baseCpus }) => baseCpus)),
    msPerRequest: round(sum(({ msPerRequest }) => msPerRequest)),
    saturatesAtQps: firstOf(all.map(({ fit, cpusMax }) => rateAt(fit, cpusMax))),
    grownCpus: round(sum((fit) => cpusAt(fit, grown))),
    grownShare: Math.max(...all.map(({ fit, cpusMax }) => share(cpusAt(fit, grown), cpusMax))),
    onPath: path.includes(hop),
  }
}

/** What a zone spends now is for its share of the requests; for all of them it is so many times as much. */
function zoneOf(
  fitted: readonly Fitted[],
  { zone, part, qps }: { readonly zone: string; readonly part: number; readonly qps: number },
): ZoneForecast {
  const rates = fitted
    .filter((program) => program.zone === zone && part > 0)
    .map(({ fit, cpusMax, hop }) => ({
      hop,
      qps: rateAt({ ...fit, msPerRequest: fit.msPerRequest / part }, cpusMax),
    }))
    .filter((one): one is { hop: string; qps: number } => one.qps !== null)
    .toSorted((a, b) => a.qps - b.qps)
  const [first] = rates
  const saturatesAtQps = first === undefined ? null : Math.floor(first.qps)
  const headroom = saturatesAtQps === null || qps <= 0 ? null : round(saturatesAtQps / qps)
  return { zone, share: round(part), saturatesAtQps, hop: first?.hop ?? null, headroom }
}

/** All programs together, rate by rate: what the machine does. */
function summed(programs: readonly Program[]): readonly Measured[] {
  const byRate = Map.groupBy(
    programs.flatMap(({ measured }) => measured),
    ({ qps }) => qps,
  )
  return [...byRate].map(([qps, all]) => ({ qps, cpus: all.reduce((total, { cpus }) => total + cpus, 0) }))
}

export const nameOf = ({ hop, zone }: Pick<HopForecast, 'hop' | 'zone'>): string =>
  zone === null ? hop : `${zone}/${hop}`

function firstOf(rates: readonly (number | null)[]): number | null {
  const known = rates.filter((rate) => rate !== null)
  return known.length === 0 ? null : Math.floor(Math.min(...known))
}

const whole = (value: number | null) => (value === null ? null : Math.floor(value))
const round = (value: number) => Math.round(value * 1_000) / 1_000
const share = (part: number, all: number) => (all > 0 ? round(part / all) : 0)
