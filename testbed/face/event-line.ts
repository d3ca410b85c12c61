import type { AgentEvent } from '../agent/events.ts'

/** Shows events while a verb runs. The same stream for all three: a terminal, a log file, a program. */
export interface Progress extends AsyncDisposable {
  onEvent(event: AgentEvent): void
}

/** An event as one line for people; null for what is not worth a line. */
export function lineOf(event: AgentEvent): string | null {
  switch (event.type) {
    case 'plan':
      return event.ops.length === 0 ? 'nothing to do' : `${event.ops.length} operations`
    case 'op':
      return event.state === 'begun' ? null : `${event.state === 'done' ? 'ok  ' : 'FAIL'} ${event.id}  ${event.ms} ms`
    case 'stage':
      return event.text === ''
        ? null
        : `${event.state === 'done' ? 'ok  ' : '    '} ${event.text}${event.state === 'done' ? `  ${Math.round(event.ms)} ms` : ''}`
    case 'warning':
      return `warning ${event.text}`
    case 'died':
      return `DIED ${event.target}`
    case 'fault':
      return event.text
    case 'phase':
      return null
  }
}
