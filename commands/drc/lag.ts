import { Flags } from '@oclif/core'
import type { DrcLag as Lag } from '../../testbed/drc/lag.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'
import { durationFlag } from '../../testbed/face/duration.ts'

const hourMs = 3_600_000

export default class DrcLag extends TestbedCommand {
  static override summary = 'Show how far each zone is behind each other one.'
  static override description =
    'p50, p99 and last: from the commit in one zone to the commit in the other, of the last minute, as the services ' +
    'measured it. Behind: transactions that are not there yet; age: how old the newest change is that is there, where ' +
    'any is missing. Exit 7 and 8 as `drc status`.'
  static override examples = [
    '<%= config.bin %> drc lag',
    '<%= config.bin %> drc lag --watch',
    '<%= config.bin %> drc lag --for 30s --json',
  ]
  static override flags = {
    for: durationFlag({ summary: 'Look every second for so long.', default: 0, minMs: 0, maxMs: hourMs }),
    watch: Flags.boolean({ summary: 'Look every second until Ctrl-C, at most an hour.', exclusive: ['for', 'json'] }),
  }

  async run(): Promise<Lag> {
    const { flags } = await this.parse(DrcLag)
    const [{ watchLag }, { requireRunning }, { lagLine, lagText }, { openTestbed }, { folders }, { systemClock }] =
      await Promise.all([
        import('../../testbed/drc/lag.ts'),
        import('../../testbed/drc/lanes.ts'),
        import('../../testbed/drc/status-text.ts'),
        import('../../testbed/session/testbed.ts'),
        import('../../testbed/surroundings/folders.ts'),
        import('@ezone/sdk/clock'),
      ])
    const { LiveLine } = await import('../../testbed/face/live-line.ts')
    const { blueprint, credentials } = await openTestbed(folders().state, flags.name)
    using live = new LiveLine({ silent: this.jsonEnabled(), clock: systemClock })
    const { lag, lanes } = await watchLag({
      blueprint,
      credentials,
      clock: systemClock,
      signal: this.signal,
      forMs: flags.watch ? hourMs : flags.for,
      onLook: (now) => live.show(lagLine(now)),
    })
    live[Symbol.dispose]()
    this.say(lagText(lag))
    return this.judged(lag, () => requireRunning(lanes))
  }
}
