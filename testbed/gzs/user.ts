import { hostname, userInfo } from 'node:os'

/** Who types, for the history: `ann@laptop`; an account without a name is told by its number. */
export function userText(): string {
  return `${nameText()}@${hostname()}`.slice(0, 100)
}

function nameText(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`
  }
}
