import type { TapChange } from '@ezone/sdk/model'

const widthMax = 60

/** A change in one line: when, where, what. Of an update the columns that changed, of the others the row. */
export function changeText({ committedAtMs, zone, gno, op, table, before, after }: TapChange): string {
  const at = new Date(committedAtMs).toISOString().slice(11, 23)
  const image = after ?? before ?? {}
  const [[key, id] = ['', null]] = Object.entries(image)
  const others = Object.entries(image).filter(([name]) => name !== key && name !== 'drc_ver')
  const cells =
    op === 'update'
      ? others
          .filter(([name, value]) => text(before?.[name] ?? null) !== text(value))
          .map(([name, value]) => `${name} ${text(before?.[name] ?? null)} -> ${text(value)}`)
      : others.map(([name, value]) => `${name} ${text(value)}`)
  return `${at} ${zone}:${gno} ${op} ${table} ${key} ${text(id)}: ${cells.join(', ')}`
}

type Cell = NonNullable<TapChange['after']>[string]

function text(cell: Cell): string {
  if (cell === null) return 'NULL'
  const all = typeof cell === 'object' ? `base64 ${cell.base64}` : String(cell)
  const flat = all.replaceAll(/\s+/g, ' ')
  return flat.length > widthMax ? `${flat.slice(0, widthMax - 1)}…` : flat
}
