import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { internalHeader, signTag, unpackId } from '@ezone/sdk/model'
import type { Status } from '../../testbed/session/status.ts'
import { mustBe } from '../proof.ts'
import type { Whole } from './whole.ts'

interface Placed {
  readonly orderId: string
  readonly epoch: number
}

/**
 * Somebody inside a zone who writes by its orders service and never asks anybody outside: with a tag that is properly
 * signed, for the cell and under the epoch of an order that was placed before.
 */
export class InsideZone {
  readonly #url: string
  readonly #tag: () => string

  private constructor(url: string, tag: () => string) {
    this.#url = url
    this.#tag = tag
  }

  static async of(whole: Whole, zone: string, like: Placed | undefined, shard = 31): Promise<InsideZone> {
    mustBe(like !== undefined, 'there is no order to be like')
    const { secret } = JSON.parse(await readFile(join(whole.cli.folder(), 'credentials.json'), 'utf8')) as {
      secret: string
    }
    const { places } = await whole.run<Status>('status')
    const orders = places.find(({ name }) => name === zone)?.services.find(({ name }) => name === 'orders')
    mustBe(orders !== undefined, `there is no orders service in ${zone}`)
    const { cell } = unpackId(BigInt(like.orderId))
    const tag = () => signTag({ shard, cell, zone, epoch: like.epoch, hops: 1, leftMs: 5_000 }, secret)
    return new InsideZone(`http://${orders.address}`, tag)
  }

  /** `done`, or the code it was refused with. */
  place(): Promise<string> {
    return this.#post('/orders', { amountFen: 100 })
  }

  advance(orderId: string, to: string): Promise<string> {
    return this.#post(`/orders/${orderId}/advance`, { to })
  }

  async #post(path: string, body: object): Promise<string> {
    const answer = await fetch(this.#url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [internalHeader]: this.#tag() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    const { error } = (await answer.json()) as { error?: { code: string } }
    return answer.ok ? 'done' : (error?.code ?? `status ${answer.status}`)
  }
}
