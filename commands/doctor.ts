import { EzoneCommand } from '../testbed/face/command.ts'

export default class Doctor extends EzoneCommand {
  static override summary = 'Check this machine for what keeps a testbed from running, and say how to fix it.'
  static override description =
    'Looks at Node, folders, disk, memory, limits, the clock, loopback and ports, proxies, the topology of this folder, ' +
    'servers and their cache, Docker, testbeds and what they left. Exit 4 where something is a problem; a warning is none.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json']

  async run(): Promise<object> {
    await this.parse(Doctor)
    const [{ diagnose }, { checks }] = await Promise.all([
      import('../testbed/doctor/check.ts'),
      import('../testbed/doctor/checks.ts'),
    ])
    const findings = await diagnose(checks, this.signal)
    for (const { name, status, text, cause, fix } of findings) {
      this.say(`${{ ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' }[status]} ${name}: ${text}`)
      if (cause !== undefined) this.say(`        why: ${cause}`)
      if (fix !== undefined) this.say(`        fix: ${fix}`)
    }
    const problems = findings.filter((f) => f.status === 'problem').length
    if (problems > 0) process.exitCode = 4
    return { healthy: problems === 0, findings }
  }
}
