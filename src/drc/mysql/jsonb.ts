import { EzoneError } from '@ezone/sdk/model'

/**
 * MySQL's binary JSON as text that MySQL reads back as the same value: a double stays a double (`1.0`), integers keep
 * their digits. Values of SQL types inside JSON (a DECIMAL, a DATETIME) have no such text.
 *
 * The format: MySQL source, sql-common/json_binary.h.
 *
 * @throws EZ_DRC_UNDECODABLE
 */
export function jsonText(bytes: Buffer): string {
  if (bytes.length === 0) return 'null'
  return valueText(bytes.subarray(1), bytes.readUInt8(0))
}

const literals = ['null', 'true', 'false']

/** @param data begins at the value; offsets within are relative to it. */
function valueText(data: Buffer, type: number): string {
  switch (type) {
    case 0:
    case 1:
      return composite(data, { large: type === 1, object: true })
    case 2:
    case 3:
      return composite(data, { large: type === 3, object: false })
    case 4:
      return literals[data.readUInt8(0)] ?? undecodable(`literal ${data.readUInt8(0)}`)
    case 5:
      return String(data.readInt16LE(0))
    case 6:
      return String(data.readUInt16LE(0))
    case 7:
      return String(data.readInt32LE(0))
    case 8:
      return String(data.readUInt32LE(0))
    case 9:
      return String(data.readBigInt64LE(0))
    case 10:
      return String(data.readBigUInt64LE(0))
    case 11:
      return doubleText(data.readDoubleLE(0))
    case 12:
      return stringText(data)
    default:
      return undecodable(`a value of SQL type ${type}`)
  }
}

function composite(data: Buffer, { large, object }: { large: boolean; object: boolean }): string {
  const width = large ? 4 : 2
  const number = (at: number) => (large ? data.readUInt32LE(at) : data.readUInt16LE(at))
  const count = number(0)
  const keyWidth = width + 2
  const values = 2 * width + (object ? count * keyWidth : 0)
  const items = Array.from({ length: count }, (_, index) => {
    const at = values + index * (1 + width)
    const type = data.readUInt8(at)
    const value = valueText(isInlined(type, large) ? data.subarray(at + 1) : data.subarray(number(at + 1)), type)
    if (!object) return value
    const key = 2 * width + index * keyWidth
    const name = data.toString('utf8', number(key), number(key) + data.readUInt16LE(key + width))
    return `${JSON.stringify(name)}:${value}`
  })
  return object ? `{${items.join(',')}}` : `[${items.join(',')}]`
}

const isInlined = (type: number, large: boolean) =>
  type === 4 || type === 5 || type === 6 || (large && (type === 7 || type === 8))

/** Its length comes first, seven bits a byte, lowest first. */
function stringText(data: Buffer): string {
  let length = 0
  let at = 0
  for (let shift = 0; ; shift += 7) {
    const byte = data.readUInt8(at++)
    length += (byte & 0x7f) * 2 ** shift
    if ((byte & 0x80) === 0) break
  }
  return JSON.stringify(data.toString('utf8', at, at + length))
}

function doubleText(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function undecodable(what: string): never {
  throw new EzoneError('EZ_DRC_UNDECODABLE', `a JSON column holds ${what}, which has no exact text`)
}
