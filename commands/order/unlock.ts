import { EzoneError } from '@ezone/sdk/errors'
import { Args, Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { Unlocked } from '../../testbed/failover/unlock.ts'

export default class OrderUnlock extends TestbedCommand {
  static override summary = 'Let an order go on that is locked since a takeover.'
  static override description =
    'After a hard switch an order is locked while more of it was acknowledged than has arrived, and it is free by itself ' +
    'when that comes. One that both zones have changed, or of which the rest is lost for ever, waits for a person: this ' +
    'command lets it go on as it stands. Refused (exit 11) while more of it may be on its way, but with --accept-loss.'
  static override examples = [
    '<%= config.bin %> order unlock 128349579312300288',
    '<%= config.bin %> order unlock --all-settled',
    '<%= config.bin %> order unlock 128349579312300288 --accept-loss',
  ]
  static override args = {
    id: Args.string({ ignoreStdin: true, description: 'The id, as `failover` and `drc conflicts` name it.' }),
  }
  static override flags = {
    'all-settled': Flags.boolean({ summary: 'Every locked order of which nothing is on its way any more.' }),
    'accept-loss': Flags.boolean({ summary: 'Also while more may come: what comes later and differs is in conflict.' }),
  }

  async run(): Promise<Unlocked> {
    const { args, flags } = await this.parse(OrderUnlock)
    const all = flags['all-settled'] === true
    if (all === (args.id !== undefined)) throw new EzoneError('EZ_USAGE', 'name one order, or say --all-settled')
    const [{ unlockAll, unlockOne }, { tagOf }] = await Promise.all([
      import('../../testbed/failover/unlock.ts'),
      import('../../testbed/orders/tag-of.ts'),
    ])
    const options = { name: flags.name, acceptLoss: flags['accept-loss'] === true, signal: this.signal }
    if (args.id !== undefined) await tagOf({ order: args.id })
    const result = args.id === undefined ? await unlockAll(options) : await unlockOne(args.id, options)
    const { unlocked, unsettled, failed } = result
    this.say(`unlocked: ${unlocked.length}${unlocked.length === 1 ? ` (${unlocked[0]})` : ''}`)
    if (unsettled.length > 0) this.say(`left alone, as more may be on its way: ${unsettled.length}`)
    for (const { orderId, code } of failed) this.say(`not unlocked: ${orderId} (${code})`)
    return result
  }
}
