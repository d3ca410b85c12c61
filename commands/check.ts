import { Args, Flags } from '@oclif/core'
import type { CheckResult } from '../testbed/contract/check.ts'
import { checkNames } from '../testbed/contract/check-names.ts'
import { TestbedCommand } from '../testbed/face/command.ts'

export default class Check extends TestbedCommand {
  static override summary = 'Hold a service of your own against what the platform asks of every service.'
  static override description =
    'Runs it in both zones, as `dev` does, and asks it as its contract in ezone.service.json says: repeats requests, moves ' +
    'a shard away and back, sends instances what they must refuse, cuts the link, leaves a zone and returns. The testbed ' +
    'should have nothing else to do meanwhile. Exit 7: something is not as it must be; exit 8: it could not be told.'
  static override examples = [
    '<%= config.bin %> check',
    '<%= config.bin %> check ../demo --only repeats-once,refuses-foreign',
    '<%= config.bin %> check demo --json',
  ]
  static override args = {
    project: Args.string({ description: 'The folder of the service, or its name in its own folder.' }),
  }
  static override flags = {
    only: Flags.option({
      summary: 'These checks alone.',
      options: checkNames,
      multiple: true,
      delimiter: ',',
    })(),
  }

  async run(): Promise<CheckResult> {
    const { args, flags } = await this.parse(Check)
    const [{ devGround }, { checkService, findingText, requireSound }] = await Promise.all([
      import('../testbed/dev/open-dev.ts'),
      import('../testbed/contract/check.ts'),
    ])
    const wish = { project: args.project, here: process.cwd(), testbed: flags.name, zone: undefined }
    const ground = await devGround(wish, this.signal)
    this.say(`${ground.project.name}: checked in ${ground.zones.map(({ name }) => name).join(' and ')}`)
    const onFinding = (finding: CheckResult['checks'][number]) => this.say(findingText(finding))
    const result = await checkService(ground, { only: flags.only ?? [], onFinding, signal: this.signal })
    return this.judged(result, () => requireSound(result))
  }
}
