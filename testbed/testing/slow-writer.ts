import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { ZoneDatabase } from '@ezone/sdk/dal'
import { EzoneError } from '@ezone/sdk/errors'

/** What it is told on stdin, as one line of JSON: credentials are in no argument. */
export interface SlowWrite {
  readonly mysql: { readonly host: string; readonly port: number; readonly user: string; readonly password: string }
  readonly zone: string
  readonly shard: number
  readonly epoch: number
  readonly orderId: string
  /** Pays this order of the business; without it, a new row of the tests' own table is made. */
  readonly pays?: boolean
}

// A writer that has passed the fence and written its row, and then dawdles: `checked`, a moment, COMMIT, and how it ended.
const [line] = (await once(process.stdin, 'data')) as [Buffer]
process.stdin.destroy()
const { mysql, zone, shard, epoch, orderId, pays } = JSON.parse(line.toString()) as SlowWrite
const db = ZoneDatabase.open({ mysql, zone, clock: systemClock })
const end = await db
  .write({ shard, epoch }, async (tx) => {
    if (pays) await tx.update('delivery.orders', { order_id: orderId }, { state: 'paid' })
    else await tx.insert('shop.orders', { order_id: orderId, note: 'slow' })
    process.stdout.write('checked\n')
    await sleep(300)
  })
  .then(
    () => 'committed',
    (error: unknown) => (EzoneError.is(error) ? error.code : String(error)),
  )
await db[Symbol.asyncDispose]()
process.stdout.write(`${end}\n`, () => process.exit())
