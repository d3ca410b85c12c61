import type { Seen, Step } from './seen.ts'

/** What a machine's testbeds ask for. The first that fits is the situation; a name says what is the matter. */
type Situation =
  | 'none'
  | 'unreadable'
  | 'unknown'
  | 'busy'
  | 'fault'
  | 'degraded'
  | 'unsupervised'
  | 'sabotaged'
  | 'rehearsed'
  | 'ready'
  | 'stopped'

type Steps = readonly [Step, Step, Step]

const step = (command: string, does: string): Step => ({ command: `ezone ${command}`, does })

const place = step('order place --city Shanghai', 'an order; the router finds the zone it belongs to')
const status = step('status', 'every server with its address and state, links, faults')
const doctor = step('doctor', 'looks for what keeps a testbed from running')
const down = step('down', 'ends it and leaves nothing behind, its data neither')

const steps: Readonly<Record<Situation, Steps>> = {
  none: [
    step('up', 'starts both zones, and measures the wires between them'),
    doctor,
    step('--help', 'lists the commands; each shows examples with --help'),
  ],
  unreadable: [down, doctor, step('ps', 'lists all testbeds')],
  unknown: [doctor, status, step('ps', 'lists all testbeds')],
  busy: [step('wait', 'returns when it is ready'), status, step('logs agent', 'what it is doing')],
  fault: [
    step('chaos status', 'what is broken, until when, and how that was proven'),
    step('chaos heal', 'ends every fault, and sees that it is gone'),
    status,
  ],
  degraded: [step('up', 'starts what is missing, and measures the links again'), status, doctor],
  unsupervised: [step('up', 'brings an agent back, which supervises and ends faults'), status, doctor],
  sabotaged: [step('drill run partition', 'must find what is planted in its services'), status, down],
  rehearsed: [
    step('report open', 'the page of the last run: what happened, on one time axis'),
    step('drill list', 'what else can be rehearsed'),
    status,
  ],
  ready: [place, step('drill run partition', 'cuts the wire under load, and judges what held'), status],
  stopped: [step('start', 'brings it back with its data'), down, doctor],
}

/** What needs a person most comes first. */
const urgency: readonly Situation[] = [
  'unreadable',
  'unknown',
  'busy',
  'fault',
  'degraded',
  'unsupervised',
  'sabotaged',
  'rehearsed',
  'ready',
  'stopped',
  'none',
]

export function situationOf(seen: Seen): Situation {
  if (seen.state === 'unreadable' || seen.state === 'unknown') return seen.state
  if (seen.busy !== null) return 'busy'
  if (seen.state === 'stopped' || seen.state === 'absent') return 'stopped'
  if (seen.faults.length > 0) return 'fault'
  if (seen.state !== 'ready') return 'degraded'
  if (!seen.agent) return 'unsupervised'
  if (seen.sabotage.length > 0) return 'sabotaged'
  return seen.lastRun === null ? 'ready' : 'rehearsed'
}

/**
 * The three most useful commands now. Pure.
 *
 * @param wanted the testbed somebody named; else it is the one in most need, `default` before others
 */
export function nextSteps(all: readonly Seen[], wanted: string | undefined): { about: string | null; steps: Steps } {
  const about = wanted === undefined ? all.toSorted(byNeed)[0] : (all.find(({ name }) => name === wanted) ?? null)
  const name = about?.name ?? wanted ?? 'default'
  const found = steps[about ? situationOf(about) : 'none']
  return { about: about?.name ?? null, steps: name === 'default' ? found : forTestbed(found, name) }
}

function byNeed(a: Seen, b: Seen): number {
  const need = (seen: Seen) => urgency.indexOf(situationOf(seen))
  const order = (seen: Seen) => `${seen.name === 'default' ? 0 : 1} ${seen.name}`
  return need(a) - need(b) || (order(a) < order(b) ? -1 : 1)
}

/** These are about the machine. */
const general: ReadonlySet<string> = new Set(['ezone doctor', 'ezone ps', 'ezone --help', 'ezone drill list'])

function forTestbed(found: Steps, name: string): Steps {
  const named = ({ command, does }: Step): Step => ({
    command: general.has(command) ? command : `${command} --name ${name}`,
    does,
  })
  return [named(found[0]), named(found[1]), named(found[2])]
}
