import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import { commandOf, type ServerHome } from '../../servers/home.ts'
import type { Blueprint } from '../../topology/blueprint.ts'
import { removeContainers } from './container-end.ts'
import type { Engine } from './engine.ts'
import { labels } from './labels.ts'
import { textOf } from './log-frames.ts'
import { networkName } from './networks.ts'

export interface Dialled {
  /** `reached`: something answered the dial, whatever it said. `refused`: nothing did, at once or within the time. */
  readonly result: 'reached' | 'refused'
  /** What the client made of it, its first line. */
  readonly said: string
}

const connectSeconds = 0.4
const saidMax = 120

export interface DialerOptions {
  readonly blueprint: Pick<Blueprint, 'id' | 'name'>
  readonly place: string
  readonly image: string
  /** Redis as the image has it. */
  readonly home: ServerHome
}

/**
 * A container that stands in the network of one place and dials from there, as a server of that place would. It is a
 * Redis that listens to itself alone; what dials is its own client, so nothing has to be fetched for it.
 */
export class Dialer implements AsyncDisposable {
  readonly #engine: Engine
  /** Of the container. */
  readonly id: string
  readonly #client: readonly string[]

  private constructor(engine: Engine, id: string, client: readonly string[]) {
    this.#engine = engine
    this.id = id
    this.#client = client
  }

  static async start(engine: Engine, options: DialerOptions, signal: AbortSignal): Promise<Dialer> {
    const { blueprint, place, image, home } = options
    // No name of its own: one that was left behind would stand in the way of the next.
    const called = `a dialler for ${place}`
    const always = new AbortController().signal
    const container = await engine.call(`create ${called}`, always, (docker, abortSignal) =>
      docker.createContainer({
        Image: image,
        Entrypoint: [],
        Cmd: [...commandOf(home, 'redis-server'), '--bind', '127.0.0.1', '--save', ''],
        User: '65534:65534',
        // No spec: `observe` leaves it out, `destroy` still finds it.
        Labels: { [labels.testbed]: blueprint.id, [labels.place]: place },
        HostConfig: {
          NetworkMode: networkName(blueprint.name, place),
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges'],
          ReadonlyRootfs: true,
        },
        abortSignal,
      }),
    )
    const dialer = new Dialer(engine, container.id, commandOf(home, 'redis-cli'))
    try {
      await engine.call(`start ${called}`, signal, () => container.start())
      return dialer
    } catch (error) {
      await dialer[Symbol.asyncDispose]()
      throw error
    }
  }

  /**
   * Dials an address with the client of Redis, whatever listens there: a server of another kind answers with something
   * that is no Redis, and that too is an answer. Only the client's own "could not connect" counts as refused, so that a
   * client that one day words it otherwise makes the check fail and not pass.
   */
  async dial(address: Address, signal: AbortSignal): Promise<Dialled> {
    const { host, port } = address
    const said = await this.#run(
      [...this.#client, '-h', host, '-p', String(port), '-t', String(connectSeconds), 'PING'],
      signal,
    )
    const result = said.startsWith('Could not connect to Redis at') ? 'refused' : 'reached'
    return { result, said: said.split('\n', 1)[0]?.slice(0, saidMax) ?? '' }
  }

  #run(command: readonly string[], signal: AbortSignal): Promise<string> {
    return this.#engine.call(
      'run a client in a container',
      signal,
      async (docker, abortSignal) => {
        const exec = await docker
          .getContainer(this.id)
          .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, abortSignal })
        const stream = await exec.start({ abortSignal })
        const frames: Buffer[] = []
        for await (const chunk of stream) frames.push(chunk)
        const said = textOf(Buffer.concat(frames))
        if (said === '') throw new EzoneError('EZ_DOCKER_REFUSED', 'a client in a container said nothing')
        return said
      },
      10_000,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeContainers(this.#engine, [this.id], new AbortController().signal)
  }
}
