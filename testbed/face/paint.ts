import { env } from '../surroundings/env.ts'

export interface Paint {
  readonly red: (text: string) => string
  readonly dim: (text: string) => string
  readonly cyan: (text: string) => string
  readonly magenta: (text: string) => string
  readonly yellow: (text: string) => string
  readonly green: (text: string) => string
}

/** A colour for each of several things that stand side by side, the same for the same one. */
export function colours({ cyan, magenta, yellow, green }: Paint, things: readonly string[]) {
  const all = [cyan, magenta, yellow, green]
  return (thing: string): string => (all[things.indexOf(thing) % all.length] ?? cyan)(thing)
}

/** Colours for words on stderr: as that stream can show them, and none where the user wants none. */
export async function paint(): Promise<Paint> {
  const { Chalk, chalkStderr } = await import('chalk')
  return env('NO_COLOR') === undefined ? chalkStderr : new Chalk({ level: 0 })
}
