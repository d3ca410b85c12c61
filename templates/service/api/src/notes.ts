import { type Asker, type InternalTag, z } from '@ezone/sdk'
import type { Done } from '@ezone/sdk/dal'

/** What a client may say of a new note; where it belongs, the tag says. An unknown field is refused. */
export const newNoteSchema = z.strictObject({ text: z.string().trim().min(1).max(200) })
export type NewNote = z.output<typeof newNoteSchema>

/** A note as it is answered. */
export interface Note {
  /** 63 bits, which a JSON number does not hold. */
  readonly noteId: string
  readonly shard: number
  readonly cell: number
  /** The zone that wrote it. */
  readonly zone: string
  readonly text: string
  readonly createdAt: string
}

export interface AddNote {
  readonly noteId: string
  readonly note: NewNote
  readonly tag: InternalTag
  readonly asker: Asker
  readonly nowMs: number
}

/** Where notes are kept. */
export interface Notes {
  /** Once per request key, under the fence of its shard. */
  add(adding: AddNote): Promise<Done<Note>>
  /** Undefined where this zone has no such note. */
  find(noteId: string, signal: AbortSignal): Promise<Note | undefined>
}

export const noteOf = ({ noteId, note, tag, nowMs }: AddNote): Note => ({
  noteId,
  shard: tag.shard,
  cell: tag.cell,
  zone: tag.zone,
  text: note.text,
  createdAt: new Date(nowMs).toISOString(),
})
