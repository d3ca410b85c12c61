import { table } from '../face/table.ts'
import type { Seen, Step } from './seen.ts'

/** What there is, and what to type next. */
export function nextText(all: readonly Seen[], steps: readonly Step[], red: (text: string) => string): string {
  const rows = all.map(({ name, state, runtime, running, specs }) => [
    name,
    state,
    runtime,
    specs === null ? String(running) : `${running} of ${specs}`,
  ])
  return [
    all.length === 0 ? 'no testbed on this machine' : table(['testbed', 'state', 'runtime', 'running'], rows),
    ...all.flatMap((seen) => troubles(seen).map((text) => red(`${seen.name}: ${text}`))),
    '',
    'next:',
    ...steps.map(({ command, does }) => `  ${command.padEnd(widest(steps))}  ${does}`),
  ].join('\n')
}

const widest = (steps: readonly Step[]) => Math.max(...steps.map(({ command }) => command.length))

/** What a person should know before anything else. */
export function troubles({ state, agent, busy, faults, sabotage }: Seen): readonly string[] {
  return [
    ...(busy === null ? [] : [`\`${busy}\` is at work`]),
    ...faults.map(({ id, kind, target }) => `fault ${id}, ${kind} ${target}`),
    ...(sabotage.length === 0 ? [] : [`does wrong on purpose: ${sabotage.join(', ')}`]),
    ...(agent || (state !== 'ready' && state !== 'degraded') ? [] : ['no agent lives, so nothing is supervised']),
  ]
}
