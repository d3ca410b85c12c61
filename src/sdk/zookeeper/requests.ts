import { openAcl } from './acl.ts'
import { ZookeeperError } from './errors.ts'
import { type JuteReader, JuteWriter } from './jute.ts'
import { limits } from './limits.ts'
import { checkPath } from './paths.ts'
import { createFlags, opCodes, type WatchMode, watchModes } from './protocol.ts'
import { readStat, writeAcl } from './records.ts'
import type { CreateOptions, Stat } from './types.ts'

/** One operation, ready for the wire. */
export interface Request<T> {
  /** For people, with the path after it. */
  readonly name: string
  readonly path: string | null
  /** The frame; its xid is filled in when it is sent. */
  readonly frame: Buffer
  /** Whether doing it twice, or later than asked, could be wrong. Others are sent again when a connection breaks. */
  readonly writes: boolean
  readonly read: (reader: JuteReader) => T
}

export interface Created {
  /** With its sequence number, where there is one. */
  readonly path: string
  readonly stat: Stat
}

const nothing = () => undefined

export function createRequest(path: string, data: Buffer | string, options: CreateOptions): Request<Created> {
  const writer = new JuteWriter().int(0).int(createOp(options))
  writeCreate(writer, path, data, options)
  return request('create', path, writer, true, readCreated)
}

export function deleteRequest(path: string, version: number): Request<void> {
  return request('delete', path, about(opCodes.delete, path).int(version), true, nothing)
}

export function setRequest(path: string, data: Buffer | string, version: number): Request<Stat> {
  const writer = about(opCodes.setData, path).buffer(Buffer.from(data)).int(version)
  return request('setData', path, writer, true, readStat)
}

export function existsRequest(path: string): Request<Stat> {
  return request('exists', path, about(opCodes.exists, path).bool(false), false, readStat)
}

export function getRequest(path: string): Request<{ data: Buffer; stat: Stat }> {
  return request('getData', path, about(opCodes.getData, path).bool(false), false, (reader) => ({
    data: reader.buffer() ?? Buffer.alloc(0),
    stat: readStat(reader),
  }))
}

export function childrenRequest(path: string): Request<{ names: readonly string[]; stat: Stat }> {
  return request('getChildren', path, about(opCodes.getChildren2, path).bool(false), false, (reader) => ({
    names: reader.vector(() => reader.string()).toSorted(),
    stat: readStat(reader),
  }))
}

export const syncRequest = (path: string): Request<void> =>
  request('sync', path, about(opCodes.sync, path), false, nothing)

export const addWatchRequest = (path: string, mode: WatchMode): Request<void> =>
  request('addWatch', path, about(opCodes.addWatch, path).int(watchModes[mode].mode), false, nothing)

export const removeWatchRequest = (path: string, mode: WatchMode): Request<void> =>
  request('removeWatches', path, about(opCodes.removeWatches, path).int(watchModes[mode].removal), false, nothing)

export const closeRequest = (): Request<void> =>
  request('closeSession', null, new JuteWriter().int(0).int(opCodes.closeSession), true, nothing)

/** @throws TOO_LARGE where it is larger than servers take */
export function request<T>(
  name: string,
  path: string | null,
  writer: JuteWriter,
  writes: boolean,
  read: Request<T>['read'],
): Request<T> {
  const frame = writer.frame()
  if (frame.length > limits.requestBytesMax)
    throw new ZookeeperError('TOO_LARGE', `${name} of ${frame.length} bytes, at most ${limits.requestBytesMax}`, {
      path,
    })
  return { name, path, frame, writes, read }
}

function about(op: number, path: string): JuteWriter {
  checkPath(path)
  return new JuteWriter().int(0).int(op).string(path)
}

export function writeCreate(writer: JuteWriter, path: string, data: Buffer | string, options: CreateOptions): void {
  checkPath(path)
  writer.string(path).buffer(Buffer.from(data))
  writeAcl(writer, options.acl ?? [openAcl])
  writer.int(flagsOf(options, path))
  if (options.ttlMs !== undefined) writer.long(BigInt(options.ttlMs))
}

export const readCreated = (reader: JuteReader): Created => ({ path: reader.string(), stat: readStat(reader) })

export function createOp({ mode, ttlMs }: CreateOptions): number {
  if (ttlMs !== undefined) return opCodes.createTtl
  return mode === 'container' ? opCodes.createContainer : opCodes.create2
}

function flagsOf({ mode = 'persistent', sequential = false, ttlMs }: CreateOptions, path: string): number {
  if (ttlMs !== undefined && mode === 'persistent') return sequential ? createFlags.ttlSequential : createFlags.ttl
  if (mode === 'persistent') return sequential ? createFlags.persistentSequential : createFlags.persistent
  if (ttlMs === undefined && mode === 'ephemeral')
    return sequential ? createFlags.ephemeralSequential : createFlags.ephemeral
  if (ttlMs === undefined && !sequential) return createFlags.container
  throw new ZookeeperError('BAD_ARGUMENTS', `there is no ${mode} node that is sequential or has a time to live`, {
    path,
  })
}
