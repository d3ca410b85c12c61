import { systemClock } from '@ezone/sdk/clock'
import { devLine } from '../dev/dev-text.ts'
import type { OnDevEvent } from '../dev/events.ts'
import { colours, paint } from './paint.ts'

/** Shows what goes on while a service is being developed: for a person, as lines of JSON, or not at all. */
export async function openDevFace(mode: 'text' | 'events' | 'silent', zones: readonly string[]): Promise<OnDevEvent> {
  if (mode === 'silent') return () => undefined
  if (mode === 'events')
    return (event) => {
      const at = new Date(systemClock.nowMs()).toISOString()
      process.stdout.write(`${JSON.stringify({ at, ...event })}\n`)
    }
  const painted = colours(await paint(), zones)
  const width = Math.max(...zones.map((zone) => zone.length))
  const prefix = (zone: string) => `${painted(zone)}${' '.repeat(width - zone.length)}`
  return (event) => {
    const line = devLine(event, prefix)
    if (line !== null) process[line.to].write(`${line.text}\n`)
  }
}
