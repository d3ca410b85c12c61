import { type Cell, EzoneError, pointText } from '@ezone/sdk/model'
import type { Door } from './clients.ts'

const atOnceMax = 8
const triesMax = 5

/**
 * Takes riders on in these cities, through the edge. Not among the operations of the run: it is what they need to find.
 * @throws EZ_NOT_READY where the platform would not take one, asked again and again
 */
export async function takeRidersOn(
  door: Door,
  wanted: readonly { readonly cell: Cell; readonly riders: number }[],
  run: string,
  signal: AbortSignal,
): Promise<void> {
  const all = wanted.flatMap(({ cell, riders }) => Array.from({ length: riders }, () => cell))
  const left = all.entries()
  const worker = async () => {
    for (const [number, cell] of left) await takeOn(door, { cell, key: `${run}.rider-${number}` }, signal)
  }
  await Promise.all(Array.from({ length: atOnceMax }, worker))
}

async function takeOn(
  door: Door,
  { cell, key }: { readonly cell: Cell; readonly key: string },
  signal: AbortSignal,
): Promise<void> {
  const { point, city } = cell
  const request = { method: 'POST', path: '/riders', tag: `geo=${pointText(point)}`, requestKey: key } as const
  let code: string | null = null
  for (let tries = 0; tries < triesMax; tries++) {
    const { reply } = await door.exchange({ ...request, body: { name: `${city} rider`, ...point } }, signal)
    if (reply.outcome === 'ok') return
    code = reply.code
  }
  throw new EzoneError('EZ_NOT_READY', `no rider could be taken on in ${city}: ${code}`)
}
