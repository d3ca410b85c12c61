import type { GlobalAck, GlobalStatus } from '@ezone/sdk/model'
import type { GlobalMoveResult, GlobalMoveStep } from './global-move.ts'

/** Where the writes of the Global Zone go, and how the other zones stand, for a person. */
export function globalStatusText({ zone, acks }: GlobalStatus): string {
  const { master, epoch, state, covered, move } = zone
  const cover = covered ? 'every write is in every zone before it is acknowledged' : 'acknowledged by the master alone'
  const zones = Object.entries(acks).map(([name, ack]) => `  ${name.padEnd(5)} ${ackText(ack)}`)
  const moves = move?.outcome === null ? [`  moving ${move.from} -> ${move.to} (${move.mode}): ${move.why}`] : []
  return [`master ${master}, epoch ${epoch}, ${state}; ${cover}`, ...moves, ...zones].join('\n')
}

function ackText({ role, following, trouble, keptAside, epoch }: GlobalAck): string {
  const how = role === 'replica' ? `replica${following ? '' : `, does not follow: ${trouble || 'no link'}`}` : role
  const aside =
    keptAside === null
      ? ''
      : `; had ${keptAside.gtids}, which the master never saw: ${keptAside.rows} rows put aside in ${keptAside.file}`
  return `${how} under epoch ${epoch}${aside}`
}

/** What happens at a step. */
export function globalStepText({ name, atMs }: GlobalMoveStep, { from, to }: { from: string; to: string }): string {
  const words: Readonly<Record<string, string>> = {
    freeze: `${from} takes no writes any more`,
    drain: `${to} executes what ${from} wrote`,
    commit: `${to} is the master`,
    seize: `taken from ${from}`,
    serve: `${to} is the master`,
    moved: `${to} takes writes`,
    'roll-back': `${from} stays the master`,
    unconfirmed: `${to} has not said that it takes writes`,
  }
  return `${String(atMs).padStart(6)} ms  ${name.padEnd(11)}  ${words[name] ?? ''}`
}

export function globalMovedText({ from, to, id, epoch, gapMs, mode, covered }: GlobalMoveResult): string {
  if (id === null) return `${to} is the master already (epoch ${epoch})`
  const lost =
    mode === 'planned' || covered
      ? 'nothing acknowledged is lost'
      : `what ${from} acknowledged alone is lost; it is named when ${from} is back`
  return `global master: ${from} -> ${to}, epoch ${epoch}, no writes for ${gapMs} ms; ${lost}`
}
