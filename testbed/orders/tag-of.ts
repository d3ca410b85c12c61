import { EzoneError, formatTags, parsePoint, parseTags, pointText } from '@ezone/sdk/model'
import { findCity } from './ground-data.ts'

/** What a person said about where: one of these. */
export interface Where {
  readonly city?: string | undefined
  readonly loc?: string | undefined
  readonly order?: string | undefined
  readonly tag?: string | undefined
}

/** The text of `x-ezone-tag` for it. @throws EZ_BAD_TAG, EZ_UNKNOWN_CITY, EZ_AMBIGUOUS_CITY */
export async function tagOf({ city, loc, order, tag }: Where): Promise<string> {
  if (city !== undefined) return `geo=${pointText((await findCity(city)).point)}`
  if (order !== undefined) return formatTags(parseTags(`order=${order}`))
  if (tag !== undefined) return formatTags(parseTags(tag))
  const point = parsePoint(loc ?? '')
  if (point === undefined)
    throw new EzoneError('EZ_BAD_TAG', `--loc ${loc}: not a position`, {
      hint: 'Give latitude and longitude in degrees, in this order: --loc 31.23,121.47.',
    })
  return `geo=${pointText(point)}`
}
