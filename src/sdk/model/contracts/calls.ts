import { z } from 'zod'
import { holdsSchema, tableStatusSchema } from './router.ts'

/**
 * How a service takes part in the platform. `multi-active`: in every zone, a call goes to the zone of its shard.
 * `global`: in every zone, a call stays where it is. `home`: in one zone alone, wherever the call comes from.
 */
export const serviceClasses = ['multi-active', 'global', 'home'] as const
export type ServiceClass = (typeof serviceClasses)[number]

/** On an answer of a SOA proxy: which way the call took. */
export const pathHeader = 'x-ezone-path'

export interface Hop {
  /** Who: `soa-proxy`, or a service. */
  readonly name: string
  readonly place: string
  /** From sending to it until its answer was there, as the one before it saw it; null for the first. */
  readonly ms: number | null
}

/** `soa-proxy@bj > soa-proxy@sh 31.9 > orders@sh 1.3` */
export const formatPath = (hops: readonly Hop[]): string =>
  hops.map(({ name, place, ms }) => `${name}@${place}${ms === null ? '' : ` ${ms.toFixed(1)}`}`).join(' > ')

/** Undefined where the text is not what a SOA proxy writes. */
export function parsePath(text: string | null | undefined): readonly Hop[] | undefined {
  const hops = (text ?? '').split(' > ').map((part) => {
    const [, name, place, ms] = /^([a-z][a-z0-9-]*)@([a-z][a-z0-9-]*)(?: (\d+\.\d))?$/.exec(part) ?? []
    return name === undefined || place === undefined
      ? undefined
      : { name, place, ms: ms === undefined ? null : Number(ms) }
  })
  return hops.every((hop) => hop !== undefined) ? hops : undefined
}

/** GET /services of a SOA proxy: what is registered in its zone. */
export const servicesAnswerSchema = z.object({
  zone: z.string(),
  services: z.record(z.string(), z.object({ class: z.enum(serviceClasses), instances: z.int() })),
})
export type ServicesAnswer = z.output<typeof servicesAnswerSchema>

/** GET /stats of a SOA proxy. */
export const proxyStatsSchema = z.object({
  /** Calls answered since it started; of these, that crossed to another zone, and that nothing told where they belong. */
  calls: z.int(),
  crossed: z.int(),
  fallback: z.int(),
  /** Calls it answered with an error of its own; of these, that would have crossed a second time. */
  failed: z.int(),
  tooManyHops: z.int(),
  holds: holdsSchema,
  refused: z.record(z.string(), z.int()),
  table: tableStatusSchema.nullable(),
})
export type ProxyStats = z.output<typeof proxyStatsSchema>
