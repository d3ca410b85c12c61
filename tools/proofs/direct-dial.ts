import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { internalHeader, signTag } from '@ezone/sdk/model'
import type { Status } from '../../testbed/session/status.ts'
import { mustBe, type Proof, testsPass } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

export const proof: Proof = {
  statement: 'Direct dial past the router: `EZ_WRONG_ZONE_WRITE`, database unchanged; SIGSTOP test green',
  limitMs: 6 * 60_000,
  async see(context) {
    await using whole = await Whole.up()
    const before = await whole.place('Shanghai')
    const { secret } = JSON.parse(await readFile(join(whole.cli.folder(), 'credentials.json'), 'utf8')) as {
      secret: string
    }
    const { places } = await whole.run<Status>('status')
    const orders = places.find((p) => p.name === 'bj')?.services.find((s) => s.name === 'orders')
    // The worst that can come: signed, so that nothing but the database's own fence row can refuse it.
    const tag = {
      ...{ shard: 31, cell: await cellOf(before.orderId), zone: 'bj', epoch: before.epoch, hops: 1 },
      leftMs: 5_000,
    }
    const answer = await fetch(`http://${orders?.address}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [internalHeader]: signTag(tag, secret) },
      body: '{"amountFen":1}',
    })
    const { error } = (await answer.json()) as { error?: { code: string; message: string } }
    mustBe(error?.code === 'EZ_WRONG_ZONE_WRITE', `it answered ${answer.status} ${error?.code}: ${error?.message}`)
    const [bj] = await whole.rows('bj', 'SELECT COUNT(*) AS n FROM delivery.orders WHERE drc_ver & 15 = 1')
    mustBe(Number(bj?.n) === 0, `${bj?.n} orders were written in bj`)
    const paused = await testsPass(context, 'zone', 'src/sdk/dal/fences.zone.test.ts')
    return { answered: error.code, status: answer.status, rowsWrittenInBj: 0, testsOfPausedWriters: paused }
  },
}

const cellOf = async (orderId: string) => Number((BigInt(orderId) >> 17n) & 0x3fffn)
