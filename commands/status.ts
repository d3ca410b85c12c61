import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import { paint } from '../testbed/face/paint.ts'

export default class Status extends TestbedCommand {
  static override summary = 'Show what runs: places, servers, services, links, disk used, faults, bugs planted.'
  static override description =
    'Shows what the kernel or the Docker engine shows now, with or without the agent. ' +
    'With --env also the addresses and credentials, ready for a shell.'
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --json',
    'eval "$(<%= config.bin %> status --env)" && mysql -h "$EZONE_BJ_MYSQL_HOST" …',
  ]
  static override flags = {
    env: Flags.boolean({ summary: 'Addresses and credentials as shell assignments on stdout.' }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(Status)
    const { currentStatus } = await import('../testbed/session/current.ts')
    const { faultsNow } = await import('../testbed/chaos/open-faults.ts')
    const { devServices } = await import('../testbed/dev/dev-services.ts')
    const { status: seen, env } = await currentStatus(flags.name, this.signal)
    const status = { ...seen, faults: await faultsNow(flags.name), dev: await devServices(flags.name) }
    if (flags.env) {
      const { shellText } = await import('../testbed/face/shell.ts')
      this.log(shellText(env))
      return { ...status, env }
    }
    const { statusText } = await import('../testbed/face/status-text.ts')
    this.say(statusText(status, await paint()))
    return status
  }
}
