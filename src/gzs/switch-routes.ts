import { type Answer, type Route, switchRequestSchema, type ZoneSwitch } from '@ezone/sdk'
import { read } from './routes.ts'
import type { Switcher } from './switcher.ts'
import type { Truth } from './truth.ts'

/** Switches of whole zones: begun through the truth, told from it. */
export function switchRoutes({
  truth,
  switcher,
}: {
  readonly truth: Truth
  readonly switcher: Switcher
}): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/switches',
      handle: async (call): Promise<Answer> => {
        const accepted = await switcher.begin(read(switchRequestSchema, call), call.signal)
        return { status: accepted.id === null ? 200 : 202, body: accepted }
      },
    },
    {
      method: 'GET',
      path: '/switches',
      handle: () => ({ status: 200, body: { switches: known(truth) } }),
    },
    {
      method: 'GET',
      path: '/switches/:id',
      handle: ({ params }) => ({
        status: 200,
        body: { switch: known(truth).find(({ id }) => id === params.id) ?? null },
      }),
    },
  ]
}

/** @throws EZ_NO_MAJORITY where they were never read */
function known(truth: Truth): readonly ZoneSwitch[] {
  if (truth.lastSwitch === undefined) return []
  return truth.switches.map(({ value }) => withMoves(truth, value))
}

/** What runs is shown with the steps its moves have made by now; what has ended is in the record. */
function withMoves(truth: Truth, record: ZoneSwitch): ZoneSwitch {
  if (record.outcome !== null) return record
  const stepsOf = (shard: number) => {
    const move = truth.moves.get(shard)?.value
    return move?.id.startsWith(`${record.id}.`) ? move.steps : []
  }
  return {
    ...record,
    parts: record.parts.map((part) => (part.outcome === null ? { ...part, steps: stepsOf(part.shard) } : part)),
  }
}
