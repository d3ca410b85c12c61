import { EzoneError } from '@ezone/sdk/errors'
import { Command, Flags } from '@oclif/core'
import { asEzoneError, failureText } from './failure.ts'
import { paint } from './paint.ts'
import { forTestbed, nameIn } from './testbed-name.ts'

/**
 * The base of every command. A command parses, calls the testbed, and returns data; words for people go to stderr,
 * the data goes to stdout with --json in one envelope: {ok: true, data} or {ok: false, error}.
 */
export abstract class EzoneCommand extends Command {
  static override enableJsonFlag = true

  readonly #interrupt = new AbortController()
  #data: unknown

  /** Aborted by Ctrl-C or SIGTERM, with EZ_INTERRUPTED as reason. */
  protected get signal(): AbortSignal {
    return this.#interrupt.signal
  }

  /** Words for people: stderr, nothing with --json. */
  protected say(text = ''): void {
    this.logToStderr(text)
  }

  /** The most useful next command. */
  protected next(command: string): void {
    this.say(`next: ${forTestbed(`\`${command}\``, nameIn(this.argv)).slice(1, -1)}`)
  }

  /**
   * Data with a verdict: where `require` throws, the command ends with that error and still hands out the data, for a
   * verdict without its evidence is worth little.
   */
  protected judged<T>(data: T, require: () => void): T {
    this.#data = data
    require()
    return data
  }

  override async init(): Promise<void> {
    await super.init()
    const interrupt = () => {
      // The second Ctrl-C means it: leave at once; the agent goes on cleaning up by itself.
      if (this.#interrupt.signal.aborted) process.exit(130)
      this.#interrupt.abort(new EzoneError('EZ_INTERRUPTED', 'interrupted'))
    }
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', interrupt)
  }

  override async catch(error: unknown): Promise<void> {
    const failure = asEzoneError(error)
    process.exitCode = failure.oclif.exit
    if (this.jsonEnabled()) return this.logJson(this.toErrorJson(failure))
    this.logToStderr(failureText(this.#told(failure), await paint()))
  }

  override toSuccessJson(data: unknown): unknown {
    return { ok: true, data }
  }

  override toErrorJson(error: unknown): unknown {
    const data = this.#data === undefined ? {} : { data: this.#data }
    return { ok: false, error: this.#told(asEzoneError(error)), ...data }
  }

  /** The error with hints that can be typed as they stand: this command's name, and the testbed it was about. */
  #told(error: EzoneError): ReturnType<EzoneError['toJSON']> {
    const told = error.toJSON()
    const command = (this.id ?? '').replaceAll(':', ' ')
    return { ...told, hint: forTestbed(told.hint.replace('ezone COMMAND', `ezone ${command}`), nameIn(this.argv)) }
  }
}

/** A command about one testbed. */
export abstract class TestbedCommand extends EzoneCommand {
  static override baseFlags = {
    name: Flags.string({
      char: 'n',
      summary: 'Name of the testbed.',
      default: 'default',
      env: 'EZONE_NAME',
      helpGroup: 'GLOBAL',
      parse: async (name: string) => {
        if (/^[a-z][a-z0-9-]{0,30}$/.test(name)) return name
        throw new EzoneError('EZ_USAGE', `${JSON.stringify(name)} is not a name for a testbed`, {
          hint: 'Use lower-case letters, digits and dashes, starting with a letter, at most 31.',
        })
      },
    }),
  }
}
