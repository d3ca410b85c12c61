import { execa } from 'execa'
import { which } from '../servers/run.ts'

/** A client of the distribution, for tests that show that ordinary clients get along with what ezone starts. Returns all it prints. */
export type Tool = (args: readonly string[], input?: string) => Promise<string>

/** Finds it on PATH, or at a path of its own; null where it is not installed. */
export async function tool(name: string): Promise<Tool | null> {
  const path = name.startsWith('/') ? name : await which(name)
  if (path === null) return null
  return async (args, input = '') => (await execa(path, args, { input, timeout: 20_000, all: true })).all
}
