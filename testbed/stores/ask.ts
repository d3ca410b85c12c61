import { connect } from 'node:net'
import type { Address } from '@ezone/sdk/model'

/**
 * Dials, sends a request, and gathers the answer until `enough` says so, or the other side closes. For readiness, which
 * must see the protocol answer: behind a port that is published or proxied, a connection alone proves nothing.
 *
 * @throws whatever the dial met. An answer that ended too early is returned as it is: the caller reads what it says.
 */
export async function ask(
  address: Address,
  request: Uint8Array | string,
  enough: (answer: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = connect({ ...address, signal })
  try {
    socket.write(request)
    let answer = Buffer.alloc(0)
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer])
      if (enough(answer)) return answer
    }
    return answer
  } finally {
    socket.destroy()
  }
}
