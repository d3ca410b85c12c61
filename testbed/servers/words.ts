import { EzoneError } from '@ezone/sdk/errors'
import { bytesText, table } from '../face/table.ts'
import type { Packed } from './bundle/pack.ts'
import { type ServerKind, serverKinds } from './home.ts'
import type { InventoryRow } from './inventory.ts'

/** What `ezone servers list` shows to people. */
export function inventoryText(cache: string, rows: readonly InventoryRow[]): string {
  if (rows.length === 0) return `${cache} holds no servers`
  const cells = rows.map((row) => [
    row.kind,
    row.version,
    row.source,
    row.bytes === null ? null : bytesText(row.bytes),
    row.licence,
    row.problem === null ? row.state : `${row.state}: ${row.problem}`,
    row.where,
  ])
  return table(['server', 'version', 'source', 'size', 'licence', 'state', 'where'], cells)
}

export function packedText({ file, bytes, sha256, servers }: Packed): string {
  const names = servers.map(({ kind, version }) => `${kind} ${version}`).join(', ')
  return `${file}: ${names}; ${bytesText(bytes)}, SHA-256 ${sha256}`
}

/** The kinds a user named; all of them where none is named. */
export function kindsNamed(names: readonly unknown[]): readonly ServerKind[] {
  const kinds = names.map((name) => {
    const kind = serverKinds.find((known) => known === name)
    if (kind !== undefined) return kind
    throw new EzoneError('EZ_USAGE', `there is no server ${JSON.stringify(name)}`, {
      hint: `Name some of: ${serverKinds.join(', ')}.`,
    })
  })
  return kinds.length === 0 ? serverKinds : [...new Set(kinds)]
}
