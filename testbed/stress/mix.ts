import { EzoneError } from '@ezone/sdk/errors'
import { defaultMix } from './names.ts'
import type { MixKind } from './planned.ts'

/** How often clients do what: shares of a whole, whatever they add up to. */
export type Mix = Readonly<Record<MixKind, number>>

export const mixKinds = ['place', 'show', 'pay', 'position', 'menu', 'user'] as const satisfies readonly MixKind[]

/** `place=70,show=30` -> shares; what is not named does not happen. @throws EZ_USAGE */
export function parseMix(text: string): Mix {
  const shares = { place: 0, show: 0, pay: 0, position: 0, menu: 0, user: 0 }
  for (const part of text.split(',')) {
    const [, kind, share] = /^(\w+)=(\d{1,6})$/.exec(part.trim()) ?? []
    if (!isKind(kind)) throw wrong(`${JSON.stringify(part)} is not a part of a mix such as ${defaultMix}`)
    shares[kind] = Number(share)
  }
  if (shares.place === 0) throw wrong('a mix without place= has nothing to show or pay')
  return shares
}

const isKind = (text: string | undefined): text is MixKind => mixKinds.some((kind) => kind === text)
const wrong = (message: string) => new EzoneError('EZ_USAGE', message)
