import type { Cell, TableIndex } from '@ezone/sdk/model'
import { EdgeClient } from '../stress/edge-client.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import type { Door } from './clients.ts'
import { doorsOf } from './ground.ts'
import type { Seat } from './plan-operations.ts'

/** In a cut a request waits for seconds, and those behind it are for others: nobody waits for a connection. */
const connections = 2_048

export type TakenSeat = Seat & { readonly door: Door }

/** Where the clients of a run sit: outside, at the routers, and in each zone, at its SOA proxies. */
export class Seats implements AsyncDisposable {
  readonly all: readonly TakenSeat[]
  readonly edge: Door
  readonly #clients: readonly EdgeClient[]

  private constructor(edge: TakenSeat & { door: EdgeClient }, inside: readonly (TakenSeat & { door: EdgeClient })[]) {
    this.all = [edge, ...inside]
    this.edge = edge.door
    this.#clients = [edge, ...inside].map(({ door }) => door)
  }

  /** A tablet serves the cities that belong to its zone when the run begins; where they go later, its proxy decides. */
  static take(blueprint: Blueprint, index: TableIndex, cells: readonly Cell[]): Seats {
    const edge = { inside: null, cells, door: new EdgeClient(doorsOf(blueprint, 'router'), connections) }
    const inside = blueprint.zones.flatMap(({ name }) => {
      const proxies = doorsOf(blueprint, 'soa-proxy', name)
      const own = cells.filter(({ cell }) => index.shardOf(cell).zone === name)
      if (proxies.length === 0 || own.length === 0) return []
      return [{ inside: name, cells: own, door: new EdgeClient(proxies, connections) }]
    })
    return new Seats(edge, inside)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()))
  }
}
