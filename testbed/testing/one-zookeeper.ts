import { Zookeeper, type ZookeeperOptions } from '@ezone/sdk/zookeeper'
import { TestGround } from './ground.ts'

/** The ZooKeeper of one zone, running, and clients of it. Clients are their owner's to close. */
export class OneZookeeper implements AsyncDisposable {
  readonly #ground: TestGround

  private constructor(ground: TestGround) {
    this.#ground = ground
  }

  static async start(): Promise<OneZookeeper> {
    await using made = new AsyncDisposableStack()
    const ground = made.use(await TestGround.make({ octets: { bj: 40, sh: 41, edge: 42 } }))
    await ground.start(ground.spec('bj/zookeeper', 'zookeeper'))
    made.move()
    return new OneZookeeper(ground)
  }

  client(options: Partial<ZookeeperOptions> = {}): Zookeeper {
    const server = this.#ground.spec('bj/zookeeper', 'zookeeper').ports[0]?.host
    if (server === undefined) throw new TypeError('no client port')
    return Zookeeper.connect({ servers: [server], ...options })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ground[Symbol.asyncDispose]()
  }
}
