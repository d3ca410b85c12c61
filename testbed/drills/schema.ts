import { z } from 'zod'
import { kinds } from '../chaos/kinds.ts'
import { requestSchema } from '../chaos/request.ts'
import { grades } from '../checks/grade.ts'
import { durationMs } from '../surroundings/duration.ts'

/** `10s` in the file, milliseconds in the code. */
const duration = z
  .string()
  .refine((text) => durationMs(text) !== null, 'must be a time such as 10s')
  .transform((text) => durationMs(text) ?? 0)

/** A name of the topology, or a role: `$lost`. */
const name = z.string().min(1)

const { kind: _, target: __, forMs: ___, withinMs: ____, ...settings } = requestSchema.shape

/** A fault as `ezone chaos run` takes it. What each kind does, and which settings it has, is said by the kind. */
const faultSchema = z.strictObject({
  kind: z.enum(kinds.map((kind) => kind.name)).describe('See `ezone chaos list`.'),
  target: name.describe('A link, zone, server or service, as the kind wants it.'),
  for: duration.optional().describe('How long; by default until the load ends.'),
  ...settings,
})

const switchSchema = z.strictObject({
  from: name.describe('The zone that shall serve no more.'),
  to: name.describe('The zone that takes over.'),
  mode: z.enum(['planned', 'hard']),
  shards: z.array(z.int().min(1)).min(1).optional().describe('Only these; by default all of the zone.'),
})

/** What a step does; a step does one thing. */
export const deeds = ['fault', 'switch', 'failback', 'heal', 'settle'] as const

const stepSchema = z
  .strictObject({
    at: duration.describe('Since the load began. A step begins when the one before it has ended, if that is later.'),
    fault: faultSchema.optional(),
    switch: switchSchema.optional(),
    failback: name.optional().describe('Zone that gets back all that was its own when the testbed was made; planned.'),
    heal: z.literal('all').optional().describe('Ends every fault of this drill.'),
    settle: duration.optional().describe('Waits, at most so long, until no zone is behind the others.'),
  })
  .refine((step) => deeds.filter((deed) => step[deed] !== undefined).length === 1, {
    error: `does one thing: ${deeds.join(' or ')}`,
  })

export const scenarioSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes')
      .describe('What `ezone drill run` calls it.'),
    title: z.string().min(1).describe('What happens, in a line.'),
    hypothesis: z.string().min(1).describe('What shall hold all the same. The report begins with it.'),
    policy: z
      .enum(['any', 'available', 'strict', 'both'])
      .default('any')
      .describe('`policy` of the topologies it may run on. `both`: on any, and `--all` runs it on one of each.'),
    lost: z.enum(['any', 'each']).default('any').describe('`each`: `--all` runs it once with every zone as $lost.'),
    load: z
      .strictObject({
        opsPerSecond: z.int().min(1).max(2_000).default(60),
        for: duration.describe('How long the clients ask.'),
        inside: z
          .boolean()
          .default(true)
          .describe('Some clients sit inside the zones, as the tablets of merchants do.'),
        conflicts: z.boolean().default(false).describe('One client changes and deletes the same rows in every zone.'),
      })
      .describe('What the clients do meanwhile.'),
    timeline: z.array(stepSchema).min(1).max(50).describe('What is done to the testbed, in this order.'),
    claims: z
      .union([z.literal('all'), z.array(z.string()).min(1)])
      .default('all')
      .describe('What is judged; `all`, or names of claims.'),
    allow: z
      .strictObject({
        grade: z.enum(grades).default('P3').describe('The worst grade that is still a success.'),
        lossWindow: duration
          .default(0)
          .describe('Acknowledged orders may be missing for so long before a hard switch, until the heal.'),
        ack: duration.default(5_000).describe('How long an enforcement point may take to act under a new table.'),
        lagOff: duration.default(2_000).describe('How far the claimed lag may be from the measured one.'),
      })
      .prefault({})
      .describe('What is allowed; the rest is a fault of the platform.'),
    stop: z
      .strictObject({
        okShareBelow: z.number().min(0).max(1).default(0.05).describe('Share of operations that end well…'),
        for: duration.default(20_000).describe('…and for how long it may stay below that.'),
      })
      .prefault({})
      .describe('When the drill is broken off, its faults removed, and the verdict unknown.'),
    settle: duration.default(60_000).describe('How long zones may take to become equal after the last fault.'),
  })
  .describe('A drill: load, what is broken and moved meanwhile, and what shall hold all the same.')

export type Scenario = z.output<typeof scenarioSchema>
export type Step = Scenario['timeline'][number]
export type ScenarioFault = z.output<typeof faultSchema>
export type ScenarioSwitch = z.output<typeof switchSchema>
