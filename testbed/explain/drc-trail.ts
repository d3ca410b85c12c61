import { type Address, type DrcStatus, drcStatusSchema, drcTracesSchema } from '@ezone/sdk/model'
import type { z } from 'zod'
import { type Blueprint, portOf } from '../topology/blueprint.ts'
import type { Trace } from './facts.ts'

const answerMs = 2_000

interface Door extends Address {
  /** `bj/drc-2` */
  readonly id: string
}

/** Every instance of the replication that answers in time; the others say nothing. */
export async function drcStatuses(blueprint: Blueprint, signal: AbortSignal): Promise<readonly DrcStatus[]> {
  const answers = await Promise.all(doorsOf(blueprint).map((door) => ask(door, '/status', drcStatusSchema, signal)))
  return answers.filter((answer) => answer !== null)
}

/** Where relays and appliers carried a transaction of the trace, as far as they remember. */
export async function drcTrail(blueprint: Blueprint, traceId: string, signal: AbortSignal): Promise<readonly Trace[]> {
  const found = await Promise.all(
    doorsOf(blueprint).map(async (door) => {
      const answer = await ask(door, `/traces/${traceId}`, drcTracesSchema, signal)
      return (answer?.traces ?? []).map(({ role, source, gno, committedAtMs, atMs }) => ({
        at: new Date(atMs).toISOString(),
        where: door.id,
        text: `${did[role]} transaction ${gno} of ${source}, ${atMs - committedAtMs} ms after its commit`,
      }))
    }),
  )
  return found.flat()
}

const did = { relay: 'logged', applier: 'applied' } as const

const doorsOf = ({ specs }: Blueprint): readonly Door[] =>
  specs.flatMap((spec) => {
    const door = spec.kind === 'service' && spec.service === 'drc' ? portOf(spec, 'http')?.host : undefined
    return door === undefined ? [] : [{ ...door, id: spec.id }]
  })

/** Null where it does not answer in time, or not as expected. */
function ask<T>({ host, port }: Address, path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | null> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
  return fetch(`http://${host}:${port}${path}`, { signal: soon })
    .then(async (answer) => schema.parse(await answer.json()))
    .catch(() => null)
}
