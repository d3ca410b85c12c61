import { type DrcFacts, drcFacts, type FactSources } from './facts.ts'
import { type Lane, lanesOf } from './lanes.ts'

/** `data` of `drc status`: a contract, fields are only ever added. */
export interface DrcReport {
  readonly instances: readonly {
    /** Such as `bj-1`. */
    readonly name: string
    readonly zone: string
    readonly answers: boolean
  }[]
  /** Zones whose database does not answer. */
  readonly silent: readonly string[]
  readonly lanes: readonly Lane[]
}

/** What every instance and every zone's database say of the replication now. */
export async function drcStatus(sources: FactSources): Promise<DrcReport> {
  return reportOf(await drcFacts(sources))
}

export function reportOf(facts: DrcFacts): DrcReport {
  return {
    instances: facts.instances.map(({ zone, place, instance, status }) => ({
      name: `${place}-${instance}`,
      zone,
      answers: status !== null,
    })),
    silent: facts.zones.filter((zone) => !facts.looks.has(zone)),
    lanes: lanesOf(facts),
  }
}
