import type { Address } from '@ezone/sdk/model'
import { Toxiproxy } from 'toxiproxy-node-client'
import type { ZookeeperSpec } from '../topology/blueprint.ts'
import { TestGround } from './ground.ts'
import { LinkGround } from './link-ground.ts'

const soon = () => AbortSignal.timeout(30_000)

/**
 * Real ZooKeepers with real links between their places: either the zones' own, or the global ensemble, whose members too
 * talk through the links. Nothing is started; links are raised.
 */
export class ZookeeperGround implements AsyncDisposable {
  readonly ground: TestGround
  readonly links: LinkGround
  readonly #name: string

  private constructor(ground: TestGround, links: LinkGround, name: string) {
    this.ground = ground
    this.links = links
    this.#name = name
  }

  /** @param octets of bj, sh and edge */
  static async make(
    octets: readonly [number, number, number],
    which: 'zookeeper' | 'zookeeper-global',
  ): Promise<ZookeeperGround> {
    const [bj, sh, edge] = octets
    await using owned = new AsyncDisposableStack()
    const ground = owned.use(await TestGround.make({ octets: { bj, sh, edge } }))
    const links = ground.blueprint.links.map((link) => ({
      ...link,
      proxies: link.proxies.filter((proxy) => proxy.target.endsWith(`/${which}`)),
    }))
    const linkGround = owned.use(await LinkGround.start({ ...ground.blueprint, links }))
    await Promise.all([...linkGround.drivers.values()].map((driver) => driver.raise(soon())))
    owned.move()
    return new ZookeeperGround(ground, linkGround, which)
  }

  server(place: string): ZookeeperSpec {
    return this.ground.spec(`${place}/${this.#name}`, 'zookeeper')
  }

  /** Where a program in one place finds the server of another. */
  address(place: string, from: string = place): Address {
    const spec = this.server(place)
    const own = spec.ports.find((port) => port.name === 'client')?.host
    const proxies = this.links.blueprint.links.flatMap((link) => link.proxies)
    const there = proxies.find((proxy) => proxy.target === spec.id && proxy.from === from && proxy.port === 'client')
    const found = place === from ? own : there?.listen
    if (found === undefined) throw new TypeError(`nothing in ${from} leads to ${spec.id}`)
    return found
  }

  async cut(link: string): Promise<void> {
    await this.links.driver(link).cut({ id: 'test', direction: null }, soon())
  }

  async join(link: string): Promise<void> {
    await this.links.driver(link).join('test', soon())
  }

  /** Holds the answers of a server up, on its way to another place. */
  async slow(place: string, from: string, attributes: { latency: number; jitter: number }): Promise<AsyncDisposable> {
    const { proxies, controllers } = this.links.blueprint.links.find(
      ({ between }) => between.includes(place) && between.includes(from),
    ) ?? { proxies: [], controllers: [] }
    const control = this.links.blueprint.specs.find(({ id }) => id === controllers[0])?.ports[0]?.host
    const name =
      proxies.find((proxy) => proxy.target === this.server(place).id && proxy.from === from && proxy.port === 'client')
        ?.name ?? ''
    const proxy = await new Toxiproxy(`http://${control?.host}:${control?.port}`).get(name)
    const toxic = await proxy.addToxic({ name: 'slow', type: 'latency', stream: 'downstream', toxicity: 1, attributes })
    return {
      async [Symbol.asyncDispose]() {
        await toxic.remove()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.links[Symbol.asyncDispose]()
    await this.ground[Symbol.asyncDispose]()
  }
}
