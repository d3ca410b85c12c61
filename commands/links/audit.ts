import { Flags } from '@oclif/core'
import type { LinkAudit } from '../../testbed/agent/link-queries.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class LinksAudit extends TestbedCommand {
  static override summary = 'Prove that nothing goes from place to place beside a link.'
  static override description =
    'Judges every living TCP connection by the place of the process that dialled it. Programs outside the testbed stand in ' +
    'no place and are not judged; what this user may not see is reported as unknown, never as good. With --cut all links ' +
    'are also cut for about a second: this interrupts whatever crosses them.'
  static override examples = ['<%= config.bin %> links audit', '<%= config.bin %> links audit --cut']
  static override flags = {
    cut: Flags.boolean({ summary: 'Also cut all links for a moment and see every path across them go silent.' }),
    force: Flags.boolean({ summary: 'Cut under load too.', dependsOn: ['cut'] }),
  }

  async run(): Promise<LinkAudit> {
    const { flags } = await this.parse(LinksAudit)
    const { attendRunning } = await import('../../testbed/session/open-up.ts')
    const { agent } = await attendRunning(flags.name, this.signal)
    if (flags.cut) this.say('cutting all links for about a second: whatever crosses them is interrupted')
    // A flag that was not given is undefined, whatever its type says.
    const body = { cut: flags.cut === true, force: flags.force === true }
    const audit = (await agent.ask('POST', '/links/audit', body, { ms: 120_000, signal: this.signal })) as LinkAudit
    const { auditText } = await import('../../testbed/face/links-text.ts')
    const { requireCutHolds, requireNoBypass, requireRefused } = await import('../../testbed/links/verdict.ts')
    this.say(auditText(audit))
    requireNoBypass(audit)
    if (audit.directDials !== null) requireRefused(audit.directDials)
    if (audit.cut !== null) requireCutHolds(audit.cut)
    return audit
  }
}
