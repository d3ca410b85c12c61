/** Columns for people: as wide as their widest cell, numbers to the right. Colour codes take no width. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))))]
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column])))
  const widths = head.map((_, column) => Math.max(...cells.map((row) => visible(row[column] ?? ''))))
  return cells
    .map((row) =>
      row
        .map((cell, column) => {
          const gap = ' '.repeat((widths[column] ?? 0) - visible(cell))
          return numeric[column] ? gap + cell : cell + gap
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const isNumber = (cell: string | number | null | undefined) =>
  cell === null || typeof cell === 'number' || /^-?[\d.,]+( ?(ms|s|%|MiB|GiB|KiB|B))?$/.test(cell ?? '')

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what colour codes begin with
const visible = (text: string) => text.replaceAll(/\u001b\[[0-9;]*m/g, '').length

/** 1536 -> `1.5 KiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
