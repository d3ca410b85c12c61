import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2'
import type { AgentEvent } from '../agent/events.ts'
import { lineOf, type Progress } from './event-line.ts'

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>

interface Row {
  readonly done: PromiseWithResolvers<void>
  task: Task | null
  open: Set<string>
}

/** The view for a terminal: one row per stage, place and link, each with what it is doing now. */
export class TerminalProgress implements Progress {
  readonly #rows = new Map<string, Row>()
  readonly #title: string
  readonly #above: string[] = []
  #listr: Promise<unknown> | null = null

  constructor(title: string) {
    this.#title = title
  }

  onEvent(event: AgentEvent): void {
    if (event.type === 'stage') this.#onStage(event)
    else if (event.type === 'plan') this.#onPlan(event)
    else if (event.type === 'op') this.#onOp(event)
    else {
      const line = lineOf(event)
      if (line !== null) this.#above.push(line)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const row of this.#rows.values()) row.done.resolve()
    await this.#listr?.catch(() => undefined)
    for (const line of this.#above) process.stderr.write(`${line}\n`)
  }

  #onStage(event: Extract<AgentEvent, { type: 'stage' }>): void {
    if (event.state === 'begun') this.#show([event.stage])
    const row = this.#rows.get(event.stage)
    if (row?.task && event.text !== '') row.task.output = event.text
    if (event.state === 'done') row?.done.resolve()
  }

  #onPlan({ ops }: Extract<AgentEvent, { type: 'plan' }>): void {
    const groups = [...new Set(ops.filter((op) => op.op !== 'prepare').map((op) => groupOf(op.target)))]
    if (groups.length > 0) this.#show(groups)
    for (const op of ops) this.#rows.get(groupOf(op.target))?.open.add(op.id)
  }

  #onOp(event: Extract<AgentEvent, { type: 'op' }>): void {
    const row = this.#rows.get(groupOf(event.target))
    if (row === undefined) return
    if (event.state === 'failed') row.done.reject(new Error(event.id))
    if (event.state === 'done') row.open.delete(event.id)
    if (row.task) row.task.output = [...row.open].join(', ')
    if (row.open.size === 0) row.done.resolve()
  }

  /** Stages come one after another, groups of a plan at once: each time a list of its own, below the last. */
  #show(names: readonly string[]): void {
    const rows = names.map(
      (name) => [name, { done: Promise.withResolvers<void>(), task: null, open: new Set() } as Row] as const,
    )
    for (const [name, row] of rows) {
      // An undo plans anew for the same groups: what waits for the old row must not wait for ever.
      this.#rows.get(name)?.done.resolve()
      this.#rows.set(name, row)
    }
    const list = new Listr(
      rows.map(([name, row]) => ({
        title: name === 'servers' ? `${this.#title}: ${name}` : name,
        task: (_: unknown, task: Task) => {
          row.task = task
          return row.done.promise
        },
      })),
      {
        concurrent: true,
        exitOnError: false,
        rendererOptions: { collapseErrors: true },
        registerSignalListeners: false,
      },
    )
    const before = this.#listr ?? Promise.resolve()
    this.#listr = before.then(() => list.run())
    // A failed row is told by the command itself, with its reason.
    for (const [, row] of rows) row.done.promise.catch(() => undefined)
  }
}

/** `bj/mysql` belongs to bj, `bj-sh/toxiproxy` and the link `bj-sh` to bj-sh. */
const groupOf = (target: string) => target.split('/')[0] ?? target
