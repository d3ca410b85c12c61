import { setTimeout as sleep } from 'node:timers/promises'
import type { Session, Zookeeper } from '@ezone/sdk/zookeeper'

const lookMs = 20
/** Longer than a client takes to dial again and to be told. */
const looks = 25

/**
 * Ends a client's session behind its back, as another client that knows the password. The owner dials again at once, and
 * may have its session back before it is closed: then once more.
 */
export async function endSession(of: Zookeeper, connect: (resume: Session) => Zookeeper): Promise<void> {
  const { session } = of
  if (session === null) throw new TypeError('no session')
  const lives = () => of.session?.id === session.id
  for (let round = 0; lives() && round < 10; round++) {
    const thief = connect(session)
    await thief.ready()
    await thief.close()
    for (let look = 0; lives() && look < looks; look++) await sleep(lookMs)
  }
}
