import type { FaultKind } from '../../testbed/chaos/kind.ts'
import { EzoneCommand } from '../../testbed/face/command.ts'

export default class ChaosList extends EzoneCommand {
  static override summary = 'List the kinds of faults there are, and what each of them really does.'
  static override examples = ['<%= config.bin %> chaos list', '<%= config.bin %> chaos list --json']

  async run(): Promise<{ kinds: readonly Omit<FaultKind, 'plan' | 'leaseMsMax'>[] }> {
    await this.parse(ChaosList)
    const { kinds } = await import('../../testbed/chaos/kinds.ts')
    const { kindsText } = await import('../../testbed/face/chaos-text.ts')
    this.say(kindsText(kinds))
    return {
      kinds: kinds.map(({ name, summary, really, target, settings }) => ({ name, summary, really, target, settings })),
    }
  }
}
