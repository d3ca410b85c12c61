import {
  type Answer,
  askerOf,
  bodyOf,
  type Call,
  type OwnShards,
  parseId,
  type Route,
  readingTag,
  type ServiceContext,
  writingTag,
} from '@ezone/sdk'
import { type Notes, newNoteSchema } from './notes.ts'

/** What the routes stand on. */
export interface Served {
  readonly context: Pick<ServiceContext, 'config' | 'clock'>
  readonly ids: { next(cell: number): Promise<bigint> }
  readonly own: OwnShards
  readonly notes: Notes
}

/**
 *   POST /notes       {text}: 201, or 200 for a request key seen before
 *   GET  /notes/:id
 *   GET  /shards      the shards this zone has
 */
export function routes({ context, ids, own, notes }: Served): readonly Route[] {
  const add = async (call: Call): Promise<Answer> => {
    const tag = writingTag(call, context)
    const note = bodyOf(call, newNoteSchema)
    const asker = askerOf(call, tag)
    const noteId = String(await ids.next(tag.cell))
    const { body, repeated } = await notes.add({ noteId, note, tag, asker, nowMs: context.clock.nowMs() })
    return { status: repeated ? 200 : 201, body }
  }

  const show = async (call: Call): Promise<Answer> => {
    readingTag(call, context)
    const id = call.params.id ?? ''
    // A text that is no id can be nobody's.
    const found = parseId(id) === undefined ? undefined : await notes.find(id, call.signal)
    if (found !== undefined) return { status: 200, body: found }
    return { status: 404, body: { error: { code: 'NO_SUCH_NOTE', message: `this zone has no note ${id}` } } }
  }

  const shards = (): Answer => ({ status: 200, body: { zone: context.config.zone, shards: own.all() } })

  return [
    { method: 'POST', path: '/notes', handle: add },
    { method: 'GET', path: '/notes/:id', handle: show },
    { method: 'GET', path: '/shards', handle: shards },
  ]
}
