import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import { durationFlag } from '../testbed/face/duration.ts'

export default class Wait extends TestbedCommand {
  static override summary = 'Wait until the testbed is ready, or in another state.'
  static override examples = ['<%= config.bin %> wait', '<%= config.bin %> wait --for stopped --timeout 30s']
  static override flags = {
    for: Flags.option({
      summary: 'State to wait for.',
      options: ['ready', 'stopped', 'absent'] as const,
      default: 'ready',
    })(),
    timeout: durationFlag({ summary: 'Longest wait.', default: 60_000, minMs: 0, maxMs: 3_600_000 }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(Wait)
    const { waitForPhase } = await import('../testbed/session/wait.ts')
    const phase = await waitForPhase(flags.name, flags.for, { timeoutMs: flags.timeout, signal: this.signal })
    this.say(`${flags.name}: ${phase}`)
    return { name: flags.name, state: phase }
  }
}
