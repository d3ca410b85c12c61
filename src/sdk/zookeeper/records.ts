import { type JuteReader, JuteWriter } from './jute.ts'
import { opCodes, specialXids, type WatchMode } from './protocol.ts'
import type { Acl, Stat } from './types.ts'

export interface Greeting {
  readonly lastZxid: bigint
  readonly timeoutMs: number
  /** 0n asks for a new session. */
  readonly sessionId: bigint
  readonly password: Buffer
}

export const noSession = { id: 0n, password: Buffer.alloc(16) } as const

export function greetingFrame({ lastZxid, timeoutMs, sessionId, password }: Greeting): Buffer {
  const protocolVersion = 0
  const readOnly = false
  return new JuteWriter()
    .int(protocolVersion)
    .long(lastZxid)
    .int(timeoutMs)
    .long(sessionId)
    .buffer(password)
    .bool(readOnly)
    .frame()
}

/** What was granted; a timeout of 0 says that the session is no more. */
export function readWelcome(reader: JuteReader): { timeoutMs: number; sessionId: bigint; password: Buffer } {
  reader.int()
  return { timeoutMs: reader.int(), sessionId: reader.long(), password: reader.buffer() ?? Buffer.alloc(0) }
}

export const readReplyHeader = (reader: JuteReader) => ({ xid: reader.int(), zxid: reader.long(), error: reader.int() })

export const pingFrame = (): Buffer => new JuteWriter().int(specialXids.ping).int(opCodes.ping).frame()

export function authFrame(user: string, password: string): Buffer {
  const writer = new JuteWriter().int(specialXids.auth).int(opCodes.auth)
  return writer
    .int(0)
    .string('digest')
    .buffer(Buffer.from(`${user}:${password}`))
    .frame()
}

export function setWatchesFrame(lastZxid: bigint, paths: Readonly<Record<WatchMode, readonly string[]>>): Buffer {
  const writer = new JuteWriter().int(specialXids.setWatches).int(opCodes.setWatches2).long(lastZxid)
  // First the three kinds that fire once, of which we have none: the server would compare those with `lastZxid`.
  for (const list of [[], [], [], paths.persistent, paths.recursive]) writer.vector(list, (path) => writer.string(path))
  return writer.frame()
}

export function writeAcl(writer: JuteWriter, acl: readonly Acl[]): void {
  writer.vector(acl, ({ permissions, scheme, id }) => writer.int(permissions).string(scheme).string(id))
}

export function readStat(reader: JuteReader): Stat {
  const czxid = reader.long()
  const mzxid = reader.long()
  const createdAtMs = Number(reader.long())
  const changedAtMs = Number(reader.long())
  const version = reader.int()
  const childVersion = reader.int()
  const aclVersion = reader.int()
  const ephemeralOwner = reader.long()
  const dataLength = reader.int()
  const children = reader.int()
  const pzxid = reader.long()
  return {
    czxid,
    mzxid,
    pzxid,
    createdAtMs,
    changedAtMs,
    version,
    childVersion,
    aclVersion,
    ephemeralOwner,
    dataLength,
    children,
  }
}
