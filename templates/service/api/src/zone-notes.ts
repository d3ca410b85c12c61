import { type Done, once, type ZoneDatabase } from '@ezone/sdk/dal'
import { type AddNote, type Note, type Notes, noteOf } from './notes.ts'
import { tables } from './tables.ts'

interface NoteRow {
  readonly note_id: string
  readonly shard: number
  readonly cell: number
  readonly zone: string
  readonly text: string
  readonly created_at: Date
}

const select = `SELECT note_id, shard, cell, zone, text, created_at FROM ${tables.notes} WHERE note_id = ?`

/** Notes in the MySQL of the zone. */
export class ZoneNotes implements Notes {
  readonly #db: ZoneDatabase

  constructor(db: ZoneDatabase) {
    this.#db = db
  }

  add(adding: AddNote): Promise<Done<Note>> {
    const { noteId, note, tag, asker, nowMs } = adding
    const request = { ...asker, asked: `note ${JSON.stringify(note)}`, nowMs }
    return once(this.#db, { table: tables.requests }, request, async (tx) => {
      const { cell, zone } = tag
      await tx.insert(tables.notes, { note_id: noteId, cell, zone, text: note.text, created_at: new Date(nowMs) })
      return { body: noteOf(adding), version: '0' }
    })
  }

  async find(noteId: string, signal: AbortSignal): Promise<Note | undefined> {
    const [row] = await this.#db.read<NoteRow>(select, [noteId], { signal })
    if (row === undefined) return undefined
    const { note_id, shard, cell, zone, text, created_at } = row
    return { noteId: note_id, shard, cell, zone, text, createdAt: created_at.toISOString() }
  }
}
