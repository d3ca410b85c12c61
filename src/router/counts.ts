import { type Decision, type ErrorCode, latencyBuckets, type RouterStats, type ServiceContext } from '@ezone/sdk'
import { RecentCount } from '../wire/recent.ts'

const recentSeconds = 10

/** What a router counts: for GET /stats since its start, for GET /metrics per pair of place and zone too. */
export class RouterCounts {
  readonly #recent: RecentCount
  readonly #totals = { requests: 0, fallback: 0, unreachable: 0 }
  readonly #perZone = new Map<string, number>()
  readonly #from: string
  readonly #requests
  readonly #failures
  readonly #seconds

  constructor({ clock, config, metrics }: ServiceContext) {
    this.#recent = new RecentCount(clock, recentSeconds)
    this.#from = config.place
    this.#requests = metrics.counter(
      'ezone_routed_total',
      'Requests by the zone and shard they were routed to, under which epoch, and why.',
    )
    this.#failures = metrics.counter(
      'ezone_route_failures_total',
      'Requests the router answered in the place of a zone.',
    )
    this.#seconds = metrics.histogram(
      'ezone_route_seconds',
      'From the decision of a router to the answer of the zone, with all waiting between.',
      latencyBuckets,
    )
  }

  get values(): Pick<RouterStats, 'requests' | 'recentRequests' | 'fallback' | 'unreachable' | 'perZone'> {
    return { ...this.#totals, recentRequests: this.#recent.value, perZone: Object.fromEntries(this.#perZone) }
  }

  request({ rule, zone, shard, epoch }: Decision): void {
    this.#recent.add()
    this.#totals.requests++
    if (rule === 'fallback') this.#totals.fallback++
    this.#perZone.set(zone, (this.#perZone.get(zone) ?? 0) + 1)
    this.#requests.add({ from: this.#from, to: zone, shard, epoch, rule })
  }

  answered({ zone }: Decision, status: number, ms: number): void {
    this.#seconds.observe(ms / 1000, { from: this.#from, to: zone, status })
  }

  failed({ zone }: Decision, code: ErrorCode): void {
    if (code === 'EZ_ZONE_UNREACHABLE' || code === 'EZ_OUTCOME_UNKNOWN') this.#totals.unreachable++
    this.#failures.add({ from: this.#from, to: zone, code })
  }
}
