import { EzoneError } from '@ezone/sdk/errors'
import type { Address, PlantedBug } from '@ezone/sdk/model'
import type { Observed } from '../runtimes/runtime.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'
import { diskBytes } from './disk.ts'
import { lastBegun, observedPhase, type Phase, type Sight } from './phases.ts'
import type { Testbed } from './testbed.ts'

/** `data` of `ezone status --json` and `ezone up --json`: a contract (docs/output.md), fields are only ever added. */
export interface Status {
  readonly name: string
  readonly runtime: string
  readonly state: Phase
  /** Pid of the agent; null where none lives: nothing is supervised then, and faults do not end by themselves. */
  readonly agent: number | null
  readonly places: readonly PlaceStatus[]
  readonly links: readonly { readonly name: string; readonly askedRttMs: number; readonly state: string }[]
  readonly readyMs: number | null
  readonly criticalPath: readonly string[]
  readonly diskBytes: number
  /** True where the machine was booted since the testbed last ran. */
  readonly rebooted: boolean
  /** Mistakes its services have on purpose; empty for a sound testbed. */
  readonly sabotage: readonly PlantedBug[]
  /** What is broken on purpose now, by its journal; `chaos status` tells more. */
  readonly faults?: readonly OpenFault[]
  /** Services that somebody develops in it now (`ezone dev`): they are not part of it. */
  readonly dev?: readonly DevServiceStatus[]
  readonly env?: Readonly<Record<string, string>>
}

export interface DevServiceStatus {
  readonly name: string
  readonly place: string
  /** null where it is ending. */
  readonly address: string | null
  readonly pid: number
}

export interface OpenFault {
  readonly id: string
  readonly kind: string
  readonly target: string
  /** By its lease; in the past where no agent ended it. */
  readonly endsInMs: number
}

export interface PlaceStatus {
  readonly name: string
  /** null for an edge: it is not a zone. */
  readonly zone: string | null
  readonly servers: readonly SpecStatus[]
  readonly services: readonly SpecStatus[]
}

export interface SpecStatus {
  readonly name: string
  readonly kind: string
  readonly address: string
  /** `running`, `dead`, or `absent`: what the kernel or the engine shows now. */
  readonly state: 'running' | 'dead' | 'absent'
  readonly pid: number | null
  readonly container: string | null
  readonly version: string | null
}

export interface StatusInput {
  readonly testbed: Testbed
  readonly observed: readonly Observed[]
  readonly agent: number | null
  readonly linkStates: ReadonlyMap<string, string>
  readonly versions: ReadonlyMap<string, string>
  readonly ready: { readonly at: string; readonly readyMs: number; readonly criticalPath: readonly string[] } | null
  readonly bootId: string
  /** What the agent says it is doing; null where it rests or is not there. */
  readonly busyPhase: Phase | null
}

export async function statusOf(input: StatusInput): Promise<Status> {
  const { testbed, observed } = input
  const { blueprint, record } = testbed
  const running = blueprint.specs.filter((spec) => observed.some((o) => o.specId === spec.id && o.running))
  const inPlace = (name: string, services: boolean) =>
    blueprint.specs
      .filter((spec) => spec.place === name && (spec.kind === 'service') === services)
      .map((spec) => specStatus(spec, observed, input.versions))
  return {
    name: testbed.name,
    runtime: record.runtime,
    state: input.busyPhase ?? observedPhase(sightOf(blueprint, observed, input.ready)),
    agent: input.agent,
    places: blueprint.places.map((place) => ({
      name: place.name,
      zone: place.zone,
      servers: inPlace(place.name, false),
      services: inPlace(place.name, true),
    })),
    links: blueprint.links.map((link) => ({
      name: link.name,
      askedRttMs: link.rttMs,
      state: input.linkStates.get(link.name) ?? 'unknown',
    })),
    readyMs: input.ready?.readyMs ?? null,
    criticalPath: input.ready?.criticalPath ?? [],
    diskBytes: await diskBytes(testbed.folder),
    rebooted: running.length === 0 && record.bootId !== input.bootId,
    sabotage: blueprint.sabotage,
  }
}

/** How a testbed looks to `observedPhase`. */
export function sightOf(
  blueprint: Blueprint,
  observed: readonly Observed[],
  proven: { readonly at: string } | null,
): Sight {
  const ids = new Set(blueprint.specs.map((spec) => spec.id))
  const running = observed.filter((o) => o.running && ids.has(o.specId))
  return {
    wanted: blueprint.specs.length,
    running: running.length,
    lastBegunAtMs: lastBegun(running),
    provenAtMs: proven === null ? null : Date.parse(proven.at),
  }
}

function specStatus(spec: Spec, observed: readonly Observed[], versions: ReadonlyMap<string, string>): SpecStatus {
  const now = observed.find((o) => o.specId === spec.id)
  return {
    name: spec.name,
    kind: spec.kind,
    address: addressText(spec.ports[0]?.host),
    state: now === undefined ? 'absent' : now.running ? 'running' : 'dead',
    pid: now?.pid ?? null,
    container: now?.container ?? null,
    version: versions.get(spec.kind) ?? null,
  }
}

const addressText = (address: Address | undefined) => (address === undefined ? '' : `${address.host}:${address.port}`)

/** Spec ids that a person means by `bj`, `bj/mysql`, `bj-sh` or `orders`. @throws EZ_UNKNOWN_PLACE */
export function targetsOf(testbed: Testbed, wanted: string): readonly string[] {
  const { specs } = testbed.blueprint
  const found = specs.filter((s) => s.id === wanted || s.place === wanted || s.name === wanted).map((s) => s.id)
  if (found.length > 0) return found
  throw new EzoneError(
    'EZ_UNKNOWN_PLACE',
    `testbed ${testbed.name} has no place, server or service ${JSON.stringify(wanted)}`,
  )
}
