import { EzoneError, formatTags, parseId, parsePoint, parseTags, pointText } from '@ezone/sdk/model'
import { findCity } from './ground-data.ts'

/** What a person said about where: one of these. */
export interface Where {
  readonly city?: string | undefined
  readonly loc?: string | undefined
  readonly order?: string | undefined
  readonly tag?: string | undefined
}

/** The text of `x-ezone-tag` for it. @throws EZ_USAGE, EZ_UNKNOWN_CITY, EZ_AMBIGUOUS_CITY */
export async function tagOf({ city, loc, order, tag }: Where): Promise<string> {
  if (city !== undefined) return `geo=${pointText((await findCity(city)).point)}`
  if (tag !== undefined) return checked(tag)
  if (order !== undefined) {
    if (parseId(order) === undefined) throw wrong(`${JSON.stringify(order)} is not the id of an order`)
    return `order=${order}`
  }
  const point = parsePoint(loc ?? '')
  if (point === undefined)
    throw wrong(`${JSON.stringify(loc)} is not a position: LAT,LNG in degrees, such as 31.23,121.47`)
  return `geo=${pointText(point)}`
}

function checked(tag: string): string {
  try {
    return formatTags(parseTags(tag))
  } catch (cause) {
    throw wrong((cause as Error).message)
  }
}

/** What a person typed wrong is a usage error; it is EZ_BAD_TAG only where a program sent it to the router. */
const wrong = (message: string) => new EzoneError('EZ_USAGE', message)
