import { EzoneError } from '@ezone/sdk/errors'
import { Args, Flags } from '@oclif/core'
import { EzoneCommand } from '../../testbed/face/command.ts'
import type { NewService } from '../../testbed/scaffold/new-service.ts'

export default class NewServiceCommand extends EzoneCommand {
  static override summary = 'Make a new service that is zone-aware from its first line.'
  static override description =
    'A folder with a program, its tests, and the SDK. It is installed with npm and shown to start; its checks and tests ' +
    'then need neither network nor testbed. Asks on a terminal for what is not said; --yes takes the template api. ' +
    'The folder is made whole or not at all: where only the install fails it stays, and exit 4 says so.'
  static override examples = [
    '<%= config.bin %> new service',
    '<%= config.bin %> new service notes --yes',
    '<%= config.bin %> new service cleaner --template job --dir services/cleaner --check',
  ]
  static override args = {
    name: Args.string({ description: 'Lower-case letters, digits and dashes, at most 30.' }),
  }
  static override flags = {
    template: Flags.option({
      char: 't',
      summary: 'What it begins as: an endpoint and a table, a Kafka consumer, or periodic work.',
      options: ['api', 'consumer', 'job'] as const,
    })(),
    dir: Flags.string({ summary: 'Where to make it; by default a folder of its name, here.', helpValue: 'PATH' }),
    yes: Flags.boolean({ char: 'y', summary: 'Ask nothing.' }),
    install: Flags.boolean({
      summary: 'Install what it needs with npm, and show that it starts.',
      default: true,
      allowNo: true,
    }),
    check: Flags.boolean({ summary: 'Run its checks and tests too.' }),
  }

  async run(): Promise<NewService> {
    const { args, flags } = await this.parse(NewServiceCommand)
    if (flags.check && !flags.install)
      throw new EzoneError('EZ_USAGE', 'what is not installed cannot be checked: --check or --no-install, not both')
    const [{ complete }, { askOnTerminal }, { equip, makeService, platformServices }] = await Promise.all([
      import('../../testbed/scaffold/wanted.ts'),
      import('../../testbed/scaffold/ask.ts'),
      import('../../testbed/scaffold/new-service.ts'),
    ])
    const canAsk = process.stdin.isTTY && !this.jsonEnabled()
    const ask = canAsk ? askOnTerminal(await platformServices()) : null
    const wanted = await complete({ name: args.name, template: flags.template }, { yes: flags.yes, ask })
    const { signal } = this
    const made = await makeService({ ...wanted, dir: flags.dir, here: process.cwd(), signal })
    this.say(`${made.name}: made from ${made.template} in ${made.folder}`)
    if (!flags.install) {
      this.next(`cd ${made.folder} && npm install && npm test`)
      return made
    }
    const { service, failure } = await equip(made, { checks: flags.check, signal, tell: (text) => this.say(text) })
    if (failure === null) {
      this.say(service.checked ? 'it starts, and its checks and tests pass' : 'it starts')
      this.next(`ezone dev ${service.name}`)
    }
    return this.judged(service, () => {
      if (failure !== null) throw failure
    })
  }
}
