import type { TapChange } from '@ezone/sdk/model'
import { Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import { durationFlag } from '../../testbed/face/duration.ts'

interface Tapped {
  readonly zones: readonly string[]
  /** What ended it. */
  readonly ended: 'time' | 'max'
  readonly count: number
  /** With --json alone: the others have printed them. */
  readonly changes: readonly TapChange[]
}

export default class DrcTap extends TestbedCommand {
  static override summary = 'Print the changes of every table as they come into the logs of the zones.'
  static override description =
    'A line each on stdout, or with --events a JSON object each; with --json all of them in one envelope at the end. ' +
    'A stream that breaks off ends the command: exit 8.'
  static override examples = [
    '<%= config.bin %> drc tap --table delivery.orders',
    '<%= config.bin %> drc tap --zone bj --for 60s --events',
    '<%= config.bin %> drc tap --from-start --max 100 --json',
  ]
  static override flags = {
    zone: Flags.string({ summary: 'Changes made in this zone alone.', helpValue: 'ZONE' }),
    table: Flags.string({ summary: 'Changes of this table alone.', helpValue: 'SCHEMA.TABLE' }),
    shard: Flags.integer({ summary: 'Changes of this shard alone.' }),
    'from-start': Flags.boolean({ summary: 'Begin with the oldest change that the logs still hold.' }),
    for: durationFlag({ summary: 'End after so long.', default: 10_000, minMs: 100, maxMs: 3_600_000 }),
    max: Flags.integer({ summary: 'End after so many changes.', default: 10_000, min: 1, max: 1_000_000 }),
    events: Flags.boolean({ summary: 'Print every change as a line of JSON.', exclusive: ['json'] }),
  }

  async run(): Promise<Tapped> {
    const { flags } = await this.parse(DrcTap)
    const [{ tap }, { changeText }, { drcDoors }, { openTestbed }, { folders }, { EzoneError }] = await Promise.all([
      import('../../testbed/drc/tap.ts'),
      import('../../testbed/drc/tap-text.ts'),
      import('../../testbed/drc/find-drc.ts'),
      import('../../testbed/session/testbed.ts'),
      import('../../testbed/surroundings/folders.ts'),
      import('@ezone/sdk/errors'),
    ])
    const { blueprint } = await openTestbed(folders().state, flags.name)
    const all = blueprint.zones.map(({ name }) => name)
    const { zone, table, shard } = flags
    if (zone !== undefined && !all.includes(zone))
      throw new EzoneError('EZ_USAGE', `there is no zone ${zone}`, { hint: `The zones are ${all.join(', ')}.` })
    const zones = zone === undefined ? all : [zone]
    const over = new AbortController()
    const until = AbortSignal.any([this.signal, AbortSignal.timeout(flags.for), over.signal])
    const from = flags['from-start'] ? 'start' : 'end'
    const changes: TapChange[] = []
    let count = 0
    for await (const change of tap({ doors: drcDoors(blueprint), zones, table, shard, from, until })) {
      if (this.jsonEnabled()) changes.push(change)
      else this.log(flags.events ? JSON.stringify(change) : changeText(change))
      if (++count >= flags.max) over.abort()
    }
    this.signal.throwIfAborted()
    this.say(`${count} changes`)
    return { zones, ended: over.signal.aborted ? 'max' : 'time', count, changes }
  }
}
