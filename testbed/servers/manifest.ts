import { z } from 'zod'
import { type ServerHome, serverKinds } from './home.ts'
import { kinds } from './kinds.ts'

/** What is recorded of one file when it is installed. Size and time are the cheap check, the hash is the true one. */
const fileSchema = z.strictObject({ bytes: z.int(), mtimeMs: z.number(), sha256: z.string().length(64) })
export type FileRecord = z.output<typeof fileSchema>

/** `manifest.json` beside the files of a cache entry: everything known about it. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  architecture: z.string(),
  installedAtMs: z.number(),
  home: z.strictObject({
    kind: z.enum(serverKinds),
    /** Part of a folder's name. */
    version: z.string().regex(/^[\w.+-]+$/),
    source: z.string(),
    licence: z.string(),
    programs: z.record(z.string(), z.string()),
    loader: z.strictObject({ path: z.string(), libraries: z.array(z.string()) }).nullable(),
    jars: z.array(z.string()),
  }),
  /** Path below `files` -> what it was. */
  files: z.record(z.string(), fileSchema),
  /** Path below `files` -> where the link points. */
  links: z.record(z.string(), z.string()),
})

export type EntryManifest = z.output<typeof manifestSchema>

export const bytesOf = (manifest: EntryManifest): number =>
  Object.values(manifest.files).reduce((total, file) => total + file.bytes, 0)

/** Whether this ezone on this machine may run it. */
export const isUsable = ({ architecture, home }: EntryManifest): boolean =>
  architecture === process.arch && kinds[home.kind].accepts.test(home.version)

export const homeOf = (manifest: EntryManifest, root: string): ServerHome => ({ ...manifest.home, root })
