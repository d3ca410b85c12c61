import { quoted } from '../session/ready.ts'
import type { DevEvent } from './events.ts'
import { logText } from './log-text.ts'
import { endingText } from './zone-runner.ts'

/** What is said of an event, and on which stream: the lines of the service are data, the rest are words. */
export interface DevLine {
  readonly to: 'stdout' | 'stderr'
  readonly text: string
}

/** An event as a person reads it; null for what is not worth a line. @param prefix a zone as it is shown before a line */
export function devLine(event: DevEvent, prefix: (zone: string) => string): DevLine | null {
  switch (event.type) {
    case 'log':
      return { to: 'stdout', text: `${prefix(event.zone)} | ${logText(event.text)}` }
    case 'starting':
      return null
    case 'serving':
      return words(`${event.zone} serves after ${event.ms} ms`)
    case 'changed':
      return words(`changed: ${shortly(event.files)}`)
    case 'kept':
      return words(`${event.why}\n${event.serving ? 'the one before it goes on' : 'nothing serves'} in ${event.zone}`)
    case 'crashed':
      return words(
        `${event.zone} ended by itself (${endingText(event)})${quoted(event.lastLines.map(logText))}\n${againText(event.againInMs)}`,
      )
    case 'reachable':
      return words(
        `${event.answered === null ? 'NOT reached yet' : `${event.answered} from ${event.zone}`}: ${curlText(event)}`,
      )
    case 'warning':
      return words(`warning: ${event.text}`)
  }
}

const words = (text: string): DevLine => ({ to: 'stderr', text })

const shownMax = 3

function shortly(files: readonly string[]): string {
  const shown = files.slice(0, shownMax).join(', ')
  return files.length > shownMax ? `${shown} and ${files.length - shownMax} more` : shown
}

const againText = (ms: number | null) =>
  ms === null ? 'it did so too often; it is started again when something is saved' : `it is started again in ${ms} ms`

export const curlText = ({ tag, url, city }: { readonly tag: string; readonly url: string; readonly city: string }) =>
  `curl -H 'x-ezone-tag: ${tag}' ${url}   # ${city}`
