import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { unpackId } from '@ezone/sdk/model'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import type { SlowWrite } from '../../testbed/testing/slow-writer.ts'
import { mustBe, type Proof, type ProofContext } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

const shard = 31

export const proof: Proof = {
  statement:
    'A writer stopped (SIGSTOP) in mid-transaction in the isolated owner, continued after the takeover: 0 wrong-zone writes under `strict`',
  limitMs: 10 * 60_000,
  async see(context) {
    await using whole = await Whole.upWith({ policy: 'strict' })
    await whole.warmUp()
    // A writer that nobody takes the shard from gets through: what follows is the takeover's doing.
    const left = await write(whole, context, async () => 'nothing happens')
    mustBe(left.said === 'committed', `a writer left alone ended with ${left.said}`)
    const taken = await write(whole, context, async () => {
      const isolated = whole.cli.start('chaos', 'run', 'isolate', 'sh', '--for', '40s').answer
      await sleep(2_000, undefined, { signal: context.signal })
      const { state } = await whole.run<{ state: string }>('failover', 'sh', '--hard', '--why', 'a proof')
      return { state, isolated }
    })
    mustBe(taken.said !== 'committed', 'the writer got through')
    await joined(whole, context.signal)
    const states = await statesOf(whole, taken.orderId)
    mustBe(states.sh === 'created' && states.bj === 'created', `the order is ${JSON.stringify(states)}`)
    const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
    mustBe(equal, 'the zones differ')
    return { leftAlone: left.said, takenOver: taken.said, states, equal }
  },
}

/** An order of Shanghai is being paid when its writer is stopped; it goes on when `meanwhile` is over. */
async function write(whole: Whole, { root }: ProofContext, meanwhile: () => Promise<unknown>) {
  const { orderId, epoch, zone } = await whole.place('Shanghai')
  mustBe(zone === 'sh', `the order was placed in ${zone}`)
  const program = join(root, 'testbed', 'testing', 'slow-writer.ts')
  const child = spawn(process.execPath, ['--conditions=ezone-source', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  using _ = killed(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const wanted: SlowWrite = { mysql: await accessTo(whole, zone), zone, shard, epoch, orderId, pays: true }
  child.stdin.write(`${JSON.stringify(wanted)}\n`)
  const first = (await lines.next()).value
  mustBe(first === 'checked', `the writer did not pass the fence: ${first}; cell ${unpackId(BigInt(orderId)).cell}`)
  child.kill('SIGSTOP')
  await meanwhile()
  const exit = once(child, 'exit')
  child.kill('SIGCONT')
  const said = String((await lines.next()).value)
  await exit
  return { orderId, said }
}

const killed = (child: ChildProcess): Disposable => ({ [Symbol.dispose]: () => void child.kill('SIGKILL') })

async function accessTo(whole: Whole, zone: string): Promise<SlowWrite['mysql']> {
  const text = await readFile(join(whole.cli.folder(), 'credentials.json'), 'utf8')
  const { mysql } = JSON.parse(text) as { mysql: { app: { user: string; password: string } } }
  const { hostname, port } = new URL(whole.env[`EZONE_${zone.toUpperCase()}_MYSQL_URL`] ?? '')
  return { host: hostname, port: Number(port), ...mysql.app }
}

async function statesOf(whole: Whole, orderId: string): Promise<Readonly<Record<'bj' | 'sh', unknown>>> {
  const [bj, sh] = await Promise.all(
    ['bj', 'sh'].map(async (zone) => {
      const [row] = await whole.rows(zone, 'SELECT state FROM delivery.orders WHERE order_id = ?', [orderId])
      return row?.state
    }),
  )
  return { bj, sh }
}

/** The isolation ends by its lease. */
async function joined(whole: Whole, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { faults } = await whole.run<{ faults: readonly FaultReport[] }>('chaos', 'status')
    if (faults.every(({ state }) => state === 'ended')) return
    await sleep(1_000, undefined, { signal })
  }
}
