/** Label name -> value. Names and order are fixed per metric; values must be few: zones, shards, routes, never ids. */
export type Labels = Readonly<Record<string, string | number>>

/** Sets of label values a metric may have. Beyond, values are dropped and `ezone_metrics_dropped_total` counts them. */
const seriesMax = 2_000

/** Of answers, in seconds: from a read in memory to the end of a handler's time. */
export const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

export interface Counter {
  /** Adds 1, or `by` >= 0. */
  add(labels?: Labels, by?: number): void
}

export interface Gauge {
  set(value: number, labels?: Labels): void
  /** Takes a value away again: of a shard that has left, of a peer that is gone. */
  remove(labels: Labels): void
}

export interface Histogram {
  observe(value: number, labels?: Labels): void
}

/**
 * What a service counts, as Prometheus reads it (text format 0.0.4). Ours, and not prom-client: that one costs 33 ms of
 * CPU and 6 MB at the start of each of some twenty processes, for the part of it that is used here.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export class Metrics {
  readonly #common: Labels
  readonly #families = new Map<string, Family>()
  readonly #before: (() => void)[] = []
  #dropped = 0

  /** @param common labels that every line carries: service, place, zone. */
  constructor(common: Labels) {
    this.#common = common
  }

  /** Counts that only grow; the name ends in `_total`. The same name again is the same counter. */
  counter(name: string, help: string): Counter {
    const family = this.#family(name, help, 'counter')
    return {
      add: (labels = {}, by = 1) => {
        const series = this.#series(family, labels)
        if (series !== undefined && by >= 0) series.value += by
      },
    }
  }

  gauge(name: string, help: string): Gauge {
    const family = this.#family(name, help, 'gauge')
    return {
      set: (value, labels = {}) => {
        const series = this.#series(family, labels)
        if (series !== undefined) series.value = value
      },
      remove: (labels) => void family.series.delete(this.#text(labels)),
    }
  }

  /** Buckets are upper bounds, ascending. */
  histogram(name: string, help: string, buckets: readonly number[] = latencyBuckets): Histogram {
    const family = this.#family(name, help, 'histogram')
    return {
      observe: (value, labels = {}) => {
        const series = this.#series(family, labels)
        if (series === undefined) return
        series.buckets ??= buckets.map((upTo) => ({ upTo, count: 0 }))
        for (const bucket of series.buckets) if (value <= bucket.upTo) bucket.count++
        series.count++
        series.value += value
      },
    }
  }

  /** Called before each reading: for gauges that are looked up rather than kept. */
  beforeRead(look: () => void): void {
    this.#before.push(look)
  }

  /** Everything, as text for GET /metrics. */
  text(): string {
    for (const look of this.#before) look()
    const dropped = [
      '# HELP ezone_metrics_dropped_total Values dropped because a metric had too many series.',
      '# TYPE ezone_metrics_dropped_total counter',
      `ezone_metrics_dropped_total${braced(this.#text({}))} ${this.#dropped}`,
    ]
    return [...[...this.#families].flatMap(([name, family]) => linesOf(name, family)), ...dropped, ''].join('\n')
  }

  #family(name: string, help: string, type: Family['type']): Family {
    const found = this.#families.get(name)
    if (found !== undefined && found.type !== type) throw new TypeError(`${name} is a ${found.type} already`)
    const family = found ?? { help, type, series: new Map() }
    this.#families.set(name, family)
    return family
  }

  #series(family: Family, labels: Labels): Series | undefined {
    const text = this.#text(labels)
    const found = family.series.get(text)
    if (found !== undefined) return found
    if (family.series.size >= seriesMax) {
      this.#dropped++
      return undefined
    }
    const fresh: Series = { value: 0, count: 0, buckets: undefined }
    family.series.set(text, fresh)
    return fresh
  }

  #text = (labels: Labels) =>
    Object.entries({ ...this.#common, ...labels })
      .map(([name, value]) => `${name}="${escaped(String(value))}"`)
      .join(',')
}

interface Family {
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly series: Map<string, Series>
}

interface Series {
  /** Of a histogram: the sum. */
  value: number
  count: number
  buckets: { readonly upTo: number; count: number }[] | undefined
}

function linesOf(name: string, { help, type, series }: Family): readonly string[] {
  const lines = [...series].flatMap(([labels, { value, count, buckets }]) => {
    if (buckets === undefined) return [`${name}${braced(labels)} ${value}`]
    const upTo = [...buckets, { upTo: '+Inf', count }]
    const own = labels === '' ? '' : `${labels},`
    return [
      ...upTo.map((bucket) => `${name}_bucket{${own}le="${bucket.upTo}"} ${bucket.count}`),
      `${name}_sum${braced(labels)} ${value}`,
      `${name}_count${braced(labels)} ${count}`,
    ]
  })
  return [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`, ...lines]
}

const braced = (labels: string) => (labels === '' ? '' : `{${labels}}`)

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
