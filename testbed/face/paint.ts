import { env } from '../surroundings/env.ts'

export interface Paint {
  readonly red: (text: string) => string
  readonly dim: (text: string) => string
}

/** Colours for words on stderr: as that stream can show them, and none where the user wants none. */
export async function paint(): Promise<Paint> {
  const { Chalk, chalkStderr } = await import('chalk')
  return env('NO_COLOR') === undefined ? chalkStderr : new Chalk({ level: 0 })
}
