import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Call,
  EzoneError,
  type InternalTag,
  internalHeader,
  jsonBody,
  type Route,
  type RunningService,
  readTag,
  requestKeyHeader,
  runService,
  type ServiceContext,
} from '@ezone/sdk'
import { isDuplicate, multiActive, ZoneDatabase } from '@ezone/sdk/dal'
import { registerService, Zookeeper } from '@ezone/sdk/zookeeper'

/** A mistake that the service has on purpose, for checks that must find it. */
const bug = process.env.NOTES_BUG

/** What a test changes, and sees again in the answers. */
const edition = 'first'

const migrations = [
  [
    'CREATE DATABASE IF NOT EXISTS notes',
    `CREATE TABLE IF NOT EXISTS notes.note (
      note_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
      shard SMALLINT UNSIGNED NOT NULL,
      epoch BIGINT UNSIGNED NOT NULL,
      body TEXT NOT NULL
    )`,
    ...multiActive('notes.note', ['note_id']),
  ],
]

/**
 * Notes, multi-active: a note is written in the zone of its shard and read there. Its id is the key of the request that
 * wrote it, so that the same request twice is the same note.
 *
 *   POST /notes       {text} and an idempotency-key -> {noteId, text, zone, edition}
 *   GET  /notes/:id   the same
 *   POST /crash       ends the program
 */
async function startNotes(context: ServiceContext): Promise<RunningService> {
  const { zone, stores, sabotage } = context.config
  if (zone === null || !stores.mysql || !stores.zookeeper) throw new TypeError('it stands in a zone, with its stores')
  const { clock } = context
  await using starting = new AsyncDisposableStack()
  const zookeeper = starting.use(Zookeeper.connect({ servers: [stores.zookeeper], clock }))
  starting.use(registerService(zookeeper, context, 'multi-active'))
  const db = starting.use(
    // Trusting the tag is not enough to write anywhere: the fence would refuse it all the same.
    ZoneDatabase.open({
      mysql: stores.mysql,
      zone,
      clock,
      sabotage: bug === 'writes-anywhere' ? ['no-fence'] : sabotage,
    }),
  )
  const migrated = migrate(db, context)
  const own = starting.move()

  return {
    routes: noteRoutes(db, context),
    ready: async () => {
      if (!migrated.done) throw new EzoneError('EZ_NOT_READY', 'the schema is not there yet')
      await db.ping()
    },
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  }
}

function noteRoutes(db: ZoneDatabase, context: ServiceContext): readonly Route[] {
  const { zone } = context.config
  const epochs = new Map<number, number>()
  const read = async (noteId: string) => {
    const [row] = await db.read<{ body: string }>('SELECT body FROM notes.note WHERE note_id = ?', [noteId])
    return row && { noteId, text: row.body, zone, edition }
  }
  const write = async (call: Call) => {
    const { shard, epoch: told } = tagFor(call, context)
    const { text = '' } = jsonBody(call) as { text?: string }
    const key = bug === 'forgets-keys' ? undefined : call.headers[requestKeyHeader]
    const noteId = String(key ?? call.trace.traceId)
    if (!epochs.has(shard)) epochs.set(shard, told)
    const epoch = bug === 'pins-epoch' ? (epochs.get(shard) ?? told) : told
    const insert = () => db.insert({ shard, epoch, signal: call.signal }, 'notes.note', { note_id: noteId, body: text })
    if (bug === 'acknowledges-early') {
      const later = () => db.insert({ shard, epoch }, 'notes.note', { note_id: noteId, body: text })
      setTimeout(() => void later().catch(() => undefined), 1_500)
      return { status: 201, body: { noteId, text, zone, edition } }
    }
    try {
      await insert()
    } catch (error) {
      if (isDuplicate(error)) return { status: 200, body: await read(noteId) }
      throw error
    }
    return { status: 201, body: { noteId, text, zone, edition } }
  }
  const show = async (call: Call) => {
    tagFor(call, context)
    const note = await read(call.params.id ?? '')
    return note ? { status: 200, body: note } : { status: 404, body: { error: { code: 'EZ_BAD_REQUEST' } } }
  }
  return [
    { method: 'POST', path: '/notes', handle: write },
    { method: 'GET', path: '/notes/:id', handle: show },
    { method: 'POST', path: '/crash', handle: () => process.exit(3) },
  ]
}

function tagFor({ headers }: Call, { config }: ServiceContext): InternalTag {
  const value = headers[internalHeader]
  const tag = readTag(typeof value === 'string' ? value : undefined, config.secret)
  if (tag.zone === config.zone || bug === 'writes-anywhere') return tag
  throw new EzoneError('EZ_WRONG_ZONE', `the call was sent to ${tag.zone}; this is ${config.zone}`)
}

function migrate(db: ZoneDatabase, { log, signal }: ServiceContext): { readonly done: boolean } {
  const state = { done: false }
  const run = async () => {
    while (!state.done && !signal.aborted) {
      try {
        await db.migrate('notes', migrations)
        state.done = true
      } catch (err) {
        log.warn({ err }, 'the schema cannot be made yet')
        await sleep(200, undefined, { ref: false })
      }
    }
  }
  void run()
  return state
}

await runService(startNotes)
