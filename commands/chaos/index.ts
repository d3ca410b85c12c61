import { Flags } from '@oclif/core'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import { faultFlags, requestOf } from '../../testbed/face/chaos-flags.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class Chaos extends TestbedCommand {
  static override summary =
    'Break something on purpose and watch until it is over; without a fault, show those in force.'
  static override description =
    'Stays while the fault lasts, with a line for every path over its links, and ends when it is shown to be gone. Ctrl-C ' +
    'ends it at once. If this command dies, the agent ends the fault when its time is over. To break something and go on ' +
    'use `ezone chaos run`; `ezone chaos list` names every kind.'
  static override examples = [
    '<%= config.bin %> chaos --partition bj-sh --for 60s',
    '<%= config.bin %> chaos --partition bj-sh --direction bj:sh --for 30s',
    '<%= config.bin %> chaos --isolate sh --for 30s',
    '<%= config.bin %> chaos',
  ]
  static override flags = {
    partition: Flags.string({
      summary: 'Cut a link, or all between two zones.',
      helpValue: 'A-B',
      exclusive: ['isolate'],
    }),
    isolate: Flags.string({ summary: 'Cut a zone off from everything else.', helpValue: 'ZONE' }),
    for: faultFlags.for,
    direction: faultFlags.direction,
    mode: faultFlags.mode,
  }

  async run(): Promise<{ faults: readonly FaultReport[] }> {
    const { flags } = await this.parse(Chaos)
    const { attendRunning } = await import('../../testbed/session/open-up.ts')
    const { chaosText, liveText, statusText } = await import('../../testbed/face/chaos-text.ts')
    const { testbed, agent } = await attendRunning(flags.name, this.signal)
    const target = flags.partition ?? flags.isolate
    if (target === undefined) {
      const { listFaults } = await import('../../testbed/chaos/client.ts')
      const faults = await listFaults(agent, this.signal)
      this.say(statusText(faults))
      this.next('ezone chaos list')
      return { faults }
    }
    const request = requestOf(flags.partition === undefined ? 'isolate' : 'partition', target, flags)
    const { endure } = await import('../../testbed/chaos/endure.ts')
    const { LiveLines } = await import('../../testbed/face/live-lines.ts')
    const { requireInForce } = await import('../../testbed/chaos/fault.ts')
    using lines = new LiveLines({ silent: this.jsonEnabled() })
    const fault = await endure(testbed, agent, request, {
      onBegun: (begun) => this.say(chaosText(begun)),
      onPaths: (paths, leftMs) => lines.show(liveText(paths, leftMs)),
      signal: this.signal,
    })
    lines[Symbol.dispose]()
    this.say(chaosText(fault))
    return this.judged({ faults: [fault] }, () => {
      requireInForce([{ ...fault, state: 'active' }])
      this.signal.throwIfAborted()
    })
  }
}
