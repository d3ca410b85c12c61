import { Flags } from '@oclif/core'
import type { UpResult } from '../agent/verbs.ts'
import { env } from '../surroundings/env.ts'
import { TestbedCommand } from './command.ts'
import { paint } from './paint.ts'
import { openProgress, progressMode } from './progress.ts'
import { upText } from './up-text.ts'

/** A command that has the agent run one verb on an existing testbed, and shows its events. */
export abstract class VerbCommand extends TestbedCommand {
  static override baseFlags = {
    ...TestbedCommand.baseFlags,
    events: Flags.boolean({
      summary: 'Print every event as a line of JSON on stdout.',
      helpGroup: 'GLOBAL',
      exclusive: ['json'],
    }),
  }

  protected async perform(
    verb: 'start' | 'stop' | 'restart' | 'reset',
    flags: { readonly name: string; readonly events: boolean },
    body: object = {},
  ): Promise<object> {
    const { attend } = await import('../session/open-up.ts')
    const { agent } = await attend(flags.name, this.signal)
    const mode = progressMode({ json: this.jsonEnabled(), events: flags.events, ci: env('CI') !== undefined })
    await using progress = await openProgress(mode, flags.name)
    return (await agent.run(verb, body, progress.onEvent.bind(progress), this.signal)) as object
  }

  protected async finish(result: object): Promise<object> {
    this.say(upText(result as UpResult, await paint()))
    return result
  }
}
