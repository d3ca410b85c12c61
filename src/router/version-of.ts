import { parseId, versionHeader } from '@ezone/sdk'

/** Which version of which order an answer has made: `x-ezone-version: <orderId>:<version>`; undefined where it has not. */
export function versionOf(
  headers: Record<string, string | string[] | undefined>,
): { readonly orderId: bigint; readonly version: bigint } | undefined {
  const text = headers[versionHeader]
  const [, id = '', version = ''] = (typeof text === 'string' && /^(\d+):(\d{1,20})$/.exec(text)) || []
  const orderId = parseId(id)
  return orderId === undefined || version === '' ? undefined : { orderId, version: BigInt(version) }
}
