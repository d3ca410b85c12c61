import { Args, Flags } from '@oclif/core'
import type { CallAnswer } from '../testbed/calls/call.ts'
import { TestbedCommand } from '../testbed/face/command.ts'

export default class Call extends TestbedCommand {
  static override summary = 'Call a service as another one would: through the SOA proxy of a zone.'
  static override description =
    'Shows which way the call took and what each hop had of its time. What lives or belongs in another zone is ' +
    'reached through the proxy over there, and pays the round trip of the link.'
  static override examples = [
    '<%= config.bin %> call legacy.echo --from sh',
    '<%= config.bin %> call order.get --from bj --order 128349579312300288',
    '<%= config.bin %> call order.place --from bj --city Shanghai',
  ]
  static override args = {
    method: Args.string({
      required: true,
      description: 'order.get, order.place, order.advance or legacy.echo.',
    }),
  }
  static override flags = {
    from: Flags.string({ summary: 'The zone the call begins in.', required: true, helpValue: 'ZONE' }),
    order: Flags.string({ summary: 'The id of the order it is about.', helpValue: 'ID' }),
    city: Flags.string({
      summary: 'A city of data/cells.csv.',
      exclusive: ['loc', 'order'],
      helpValue: 'NAME[,DIVISION]',
    }),
    loc: Flags.string({ summary: 'A position in degrees.', exclusive: ['order'], helpValue: 'LAT,LNG' }),
    tag: Flags.string({ summary: 'Any tag, as in the header x-ezone-tag.', helpValue: 'KEY=VALUE[; ..]' }),
    body: Flags.string({ summary: 'What to say to it, as JSON.', helpValue: 'JSON' }),
  }

  async run(): Promise<CallAnswer> {
    const { args, flags } = await this.parse(Call)
    const [{ readyCall }, { findSoaProxy }, { callService }, { callText }, { systemClock }] = await Promise.all([
      import('../testbed/calls/methods.ts'),
      import('../testbed/calls/find-soa-proxy.ts'),
      import('../testbed/calls/call.ts'),
      import('../testbed/calls/call-text.ts'),
      import('@ezone/sdk/clock'),
    ])
    const { order, city, loc, tag, body } = flags
    // Refused here where it can be no call: no testbed is needed to tell.
    const call = await readyCall(args.method, { order, city, loc, tag }, body)
    const from = await findSoaProxy(flags.name, flags.from)
    const answer = await callService(from, call, { clock: systemClock, signal: this.signal })
    this.say(callText(answer))
    return answer
  }
}
