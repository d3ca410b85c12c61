/** Assignments a POSIX shell can read: values in single quotes, so that nothing in them is interpreted. */
export function shellText(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join('\n')
}
