import { connect } from 'node:net'
import type { Address } from '../model/index.ts'

const answerMs = 1_000
const answerCharsMax = 4_096

/** Whether a server says that it serves, as its four-letter word `srvr` tells. A connect alone proves nothing. */
export function serves({ host, port }: Address, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let text = ''
    const until = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
    const socket = connect({ host, port })
    const over = () => {
      until.removeEventListener('abort', over)
      socket.destroy()
      resolve(/^Mode: /m.test(text))
    }
    until.addEventListener('abort', over, { once: true })
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write('srvr'))
    socket.on('data', (piece) => {
      if (text.length < answerCharsMax) text += piece
    })
    socket.on('error', over)
    socket.on('close', over)
  })
}
