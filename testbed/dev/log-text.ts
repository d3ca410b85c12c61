/** What pino and its like put on every line, and a person does not want to read on every line. */
const usual = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'service', 'place', 'v'])
const levels: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' }

/** A line of a service as a person reads it: JSON of a logger as its message and what else it says; else as it is. */
export function logText(line: string): string {
  const record = recordOf(line)
  if (record === undefined || typeof record.msg !== 'string') return line
  const level = typeof record.level === 'number' ? levels[record.level] : record.level
  const rest = Object.entries(record).filter(([key]) => !usual.has(key))
  return [level, record.msg, ...rest.map(([key, value]) => `${key}=${valueText(value)}`)]
    .filter((part) => part !== undefined && part !== 'info' && part !== '')
    .join(' ')
}

function recordOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function valueText(value: unknown): string {
  const { code, message, stack } = (value ?? {}) as { code?: unknown; message?: unknown; stack?: unknown }
  // An error: its stack is what a developer needs, and is many lines anyway.
  if (typeof stack === 'string') return `${typeof code === 'string' ? `${code} ` : ''}${stack}`
  if (typeof message === 'string') return message
  return typeof value === 'string' ? value : JSON.stringify(value)
}
