import { EzoneError } from '@ezone/sdk/errors'
import { type TapChange, tapLineSchema } from '@ezone/sdk/model'
import type { DrcDoor } from './find-drc.ts'

const dialMs = 2_000
/** A tap that has nothing to tell says so every half second. */
const silentMs = 8_000

export interface TapOptions {
  readonly doors: readonly DrcDoor[]
  /** Whose changes; each by one connection to the first of its instances that answers. */
  readonly zones: readonly string[]
  readonly table?: string | undefined
  readonly shard?: number | undefined
  /** Every change the logs still hold, or those from now on. */
  readonly from: 'start' | 'end'
  /** Ends it without an error. */
  readonly until: AbortSignal
}

/**
 * Changes as they come into the logs of some zones: those of one zone in order, zones in the order they arrive. It is as
 * fast as its reader: what is not taken waits in the log.
 *
 * @throws EZ_DRC_UNKNOWN no instance of a zone answers, or a stream broke off: what came then is not among these
 */
export async function* tap(options: TapOptions): AsyncGenerator<TapChange> {
  const { zones } = options
  const end = new AbortController()
  const until = AbortSignal.any([options.until, end.signal])
  const streams = new Map(zones.map((zone) => [zone, changes(zone, { ...options, until })]))
  const next = async (zone: string) => ({ zone, result: await streams.get(zone)?.next() })
  const pending = new Map([...streams.keys()].map((zone) => [zone, next(zone)]))
  try {
    while (pending.size > 0) {
      const { zone, result } = await Promise.race(pending.values())
      if (result === undefined || result.done) {
        pending.delete(zone)
        continue
      }
      pending.set(zone, next(zone))
      if (until.aborted) return
      yield result.value
    }
  } finally {
    for (const promise of pending.values()) promise.catch(() => undefined)
    end.abort()
  }
}

async function* changes(zone: string, options: TapOptions): AsyncGenerator<TapChange> {
  const { until } = options
  try {
    const body = await open(zone, options)
    let rest = ''
    const decoder = new TextDecoder()
    for (;;) {
      const { done, value } = await inTime(body, zone, until)
      if (done) throw new EzoneError('EZ_DRC_UNKNOWN', `the stream of ${zone} broke off`)
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) {
        const line = tapLineSchema.parse(JSON.parse(text))
        if (line.type === 'change') yield line
      }
    }
  } catch (error) {
    if (until.aborted) return
    if (EzoneError.is(error)) throw error
    throw new EzoneError('EZ_DRC_UNKNOWN', `the stream of ${zone} broke off`, { cause: error })
  }
}

async function inTime(body: ReadableStreamDefaultReader<Uint8Array>, zone: string, until: AbortSignal) {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new EzoneError('EZ_DRC_UNKNOWN', `the stream of ${zone} fell silent`))
  const timer = setTimeout(stop, silentMs)
  until.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([body.read(), ended])
  } finally {
    clearTimeout(timer)
    until.removeEventListener('abort', stop)
  }
}

async function open(zone: string, { doors, table, shard, from, until }: TapOptions) {
  const query = new URLSearchParams({ from })
  if (table !== undefined) query.set('table', table)
  if (shard !== undefined) query.set('shard', String(shard))
  for (const { door } of doors.filter((one) => one.zone === zone)) {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), dialMs)
    const url = `http://${door.host}:${door.port}/tap?${query}`
    const response = await fetch(url, { signal: AbortSignal.any([until, late.signal]) }).catch(() => null)
    clearTimeout(timer)
    if (response?.ok && response.body !== null) return response.body.getReader()
  }
  until.throwIfAborted()
  throw new EzoneError('EZ_DRC_UNKNOWN', `no instance of drc answers in ${zone}`)
}
