import { EzoneError } from '@ezone/sdk/errors'
import { Flags } from '@oclif/core'
import { EzoneCommand } from '../testbed/face/command.ts'

export default class Uninstall extends EzoneCommand {
  static override summary = 'Take down every testbed and remove everything ezone ever put on this machine.'
  static override description =
    'Removes the state folder, the server cache and the container images. Asks first; --yes does not.'
  static override examples = ['<%= config.bin %> uninstall', '<%= config.bin %> uninstall --yes --keep-cache']
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'keep-cache': Flags.boolean({ summary: 'Keep the servers that were fetched.' }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(Uninstall)
    const { uninstall, whatIsThere } = await import('../testbed/session/uninstall.ts')
    const there = await whatIsThere(!flags['keep-cache'])
    for (const { path, text } of there) this.say(`${path}  ${text}`)
    if (!flags.yes && !(await this.#confirmed())) return { removed: [] }
    const removed = await uninstall(!flags['keep-cache'], this.signal)
    this.say('removed; what is left is this package itself')
    return { removed }
  }

  async #confirmed(): Promise<boolean> {
    if (!process.stdin.isTTY || this.jsonEnabled())
      throw new EzoneError('EZ_USAGE', 'uninstall asks first, and nobody is there to answer', { hint: 'Say --yes.' })
    const { default: inquirer } = await import('inquirer')
    const { sure } = await inquirer.prompt<{ sure: boolean }>([
      { type: 'confirm', name: 'sure', message: 'Remove all of this?', default: false },
    ])
    return sure
  }
}
