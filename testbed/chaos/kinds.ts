import { EzoneError } from '@ezone/sdk/errors'
import { type Path, pathsOf } from '../links/paths.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import { type FaultPlan, pathKey } from './fault.ts'
import type { FaultKind } from './kind.ts'
import { bandwidth } from './kinds/bandwidth.ts'
import { clockSkew } from './kinds/clock-skew.ts'
import { flapping } from './kinds/flapping.ts'
import { gzsLoss } from './kinds/gzs-loss.ts'
import { isolate } from './kinds/isolate.ts'
import { kill } from './kinds/kill.ts'
import { latency } from './kinds/latency.ts'
import { leaseKeeperLoss } from './kinds/lease-keeper-loss.ts'
import { partition } from './kinds/partition.ts'
import { pause } from './kinds/pause.ts'
import { powerLoss } from './kinds/power-loss.ts'
import { restart } from './kinds/restart.ts'
import type { FaultWish } from './leases.ts'
import { type FaultRequest, longestMs, requestSchema, type Settings, shortestMs } from './request.ts'

/** Every kind of fault there is. */
export const kinds: readonly FaultKind[] = [
  ...[partition, isolate, latency, bandwidth, flapping],
  ...[kill, pause, restart, powerLoss, gzsLoss, leaseKeeperLoss, clockSkew],
]

/** `data` of `ezone chaos run --dry-run`: what a fault would change, and whom that reaches. */
export interface BlastRadius {
  readonly kind: string
  readonly target: string
  readonly direction: string | null
  readonly forMs: number
  readonly really: string
  /** Every link it changes, how, and the paths over it. */
  readonly links: readonly (FaultPlan['links'][number] & { readonly paths: readonly string[] })[]
  /** Every server and service it changes, how, and the paths that lead to it. */
  readonly specs: readonly (FaultPlan['specs'][number] & { readonly paths: readonly string[] })[]
}

/**
 * What a request means for a testbed. Pure.
 * @throws EZ_USAGE, EZ_LEASE_TOO_LONG, EZ_UNKNOWN_LINK, EZ_UNKNOWN_ZONE, EZ_UNKNOWN_PLACE
 */
export function wishOf(request: FaultRequest, blueprint: Blueprint): FaultWish {
  const parsed = requestSchema.safeParse(request)
  if (!parsed.success) throw new EzoneError('EZ_USAGE', `this is no fault: ${firstIssue(parsed.error)}`)
  const { kind: name, target, forMs, withinMs, ...settings } = parsed.data
  const kind = kindOf(name)
  const given = Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [key as keyof Settings]))
  const stranger = given.find((key) => !kind.settings.includes(key))
  if (stranger !== undefined)
    throw new EzoneError('EZ_USAGE', `${name} takes no ${stranger}; it takes ${kind.settings.join(', ') || 'none'}`)
  checkLease(kind, settings, { forMs, withinMs })
  return { kind: name, target, forMs, ...kind.plan({ ...settings, target }, blueprint) }
}

/** Whom a fault reaches, without doing anything. Pure. */
export function blastRadius({ kind, target, direction, plan, forMs }: FaultWish, blueprint: Blueprint): BlastRadius {
  const paths = pathsOf(blueprint)
  const keys = (leads: (path: Path) => boolean) => paths.filter(leads).map(pathKey)
  return {
    kind,
    target,
    direction: direction === null ? null : `${direction.from}:${direction.to}`,
    forMs,
    really: kindOf(kind).really,
    links: plan.links.map((change) => ({ ...change, paths: keys(({ link }) => link === change.link) })),
    specs: plan.specs.map((change) => ({ ...change, paths: keys((path) => path.target === change.spec) })),
  }
}

function kindOf(name: string): FaultKind {
  const kind = kinds.find((one) => one.name === name)
  if (kind !== undefined) return kind
  throw new EzoneError(
    'EZ_USAGE',
    `there is no fault ${JSON.stringify(name)}; there are ${kinds.map((k) => k.name).join(', ')}`,
    {
      hint: '`ezone chaos list` says what each of them does.',
    },
  )
}

function checkLease(
  kind: FaultKind,
  settings: Settings,
  asked: { forMs: number; withinMs?: number | undefined },
): void {
  const own = kind.leaseMsMax?.(settings) ?? { ms: longestMs, why: 'a fault that nobody ends is worse than none' }
  const limits = [
    own,
    ...(asked.withinMs === undefined ? [] : [{ ms: asked.withinMs, why: 'whoever asks will be gone by then' }]),
  ]
  const over = limits.find(({ ms }) => asked.forMs > ms)
  if (over)
    throw new EzoneError(
      'EZ_LEASE_TOO_LONG',
      `${kind.name} for ${asked.forMs} ms is more than ${over.ms} ms: ${over.why}`,
    )
  if (asked.forMs < shortestMs)
    throw new EzoneError(
      'EZ_USAGE',
      `a fault of ${asked.forMs} ms is over before it can be shown; ask for ${shortestMs} ms`,
    )
}

function firstIssue(error: { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] }) {
  const [issue] = error.issues
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim()
}
