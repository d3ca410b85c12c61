import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { which } from '../servers/run.ts'
import { env } from '../surroundings/env.ts'

/** Programs that show a page in the browser a person has chosen; the first that is there. */
const openers = ['xdg-open', 'x-www-browser', 'wslview'] as const

/** Shows a page where there are a person and a screen; returns the program that was asked to, or null. */
export async function openPage(path: string, isTerminal: boolean): Promise<string | null> {
  const screen = env('DISPLAY') ?? env('WAYLAND_DISPLAY')
  if (!isTerminal || screen === undefined) return null
  for (const program of openers) {
    const found = await which(program)
    if (found === null) continue
    // It lives on by itself: closing the browser is not our business.
    const child = spawn(found, [path], { detached: true, stdio: 'ignore' })
    const started = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)])
    if (!started) continue
    child.unref()
    return program
  }
  return null
}
