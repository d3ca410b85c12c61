import type { AgentEvent } from '../agent/events.ts'
import { lineOf, type Progress } from './event-line.ts'

export type ProgressMode = 'terminal' | 'plain' | 'events' | 'silent'

export function progressMode(flags: {
  readonly json: boolean
  readonly events: boolean
  readonly ci: boolean
}): ProgressMode {
  if (flags.events) return 'events'
  if (flags.json) return 'silent'
  return process.stderr.isTTY && !flags.ci ? 'terminal' : 'plain'
}

export async function openProgress(mode: ProgressMode, title: string): Promise<Progress> {
  if (mode === 'terminal') {
    const { TerminalProgress } = await import('./progress-terminal.ts')
    return new TerminalProgress(title)
  }
  const write = {
    plain: plainLine,
    events: (event: AgentEvent) => ({ to: 'stdout', text: JSON.stringify(event) }),
    silent: () => null,
  }[mode]
  return {
    onEvent(event) {
      const line = write(event)
      if (line !== null) process[line.to === 'stdout' ? 'stdout' : 'stderr'].write(`${line.text}\n`)
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** One line per finished operation; what only began is not worth a line of a log. */
function plainLine(event: AgentEvent): { to: 'stderr'; text: string } | null {
  const text = lineOf(event)
  return text === null ? null : { to: 'stderr', text }
}
