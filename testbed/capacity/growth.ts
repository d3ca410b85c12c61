import { EzoneError } from '@ezone/sdk/errors'

const growthMax = 1_000

/** `2` or `1.5`. @throws EZ_USAGE */
export function parseGrowth(text: string): number {
  const growth = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (growth > 0 && growth <= growthMax) return growth
  throw new EzoneError(
    'EZ_USAGE',
    `${JSON.stringify(text)} is no growth: a number such as 2 or 1.5, at most ${growthMax}`,
  )
}
