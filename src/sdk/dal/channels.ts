import { EzoneError } from '../model/index.ts'
import { limits } from './limits.ts'
import type { Session } from './session.ts'

/** What SHOW REPLICA STATUS tells of one channel. A server knows one per other member since its start. */
export interface Channel {
  readonly Channel_Name: string
  readonly Replica_IO_Running: string
  readonly Replica_SQL_Running: string
  readonly Last_IO_Error: string
  readonly Last_SQL_Error: string
  readonly Retrieved_Gtid_Set: string
}

export const channelsOf = async (session: Session) => (await session.text('SHOW REPLICA STATUS')) as readonly Channel[]

export const stopped = ({ Replica_IO_Running: io, Replica_SQL_Running: sql }: Channel) => io === 'No' && sql === 'No'

/** Ends the reading first, then the applying, when everything read has been applied. @throws EZ_WAIT_TIMEOUT */
export async function leaveChannel(session: Session, { Channel_Name: name }: Channel): Promise<void> {
  await session.text(`STOP REPLICA IO_THREAD FOR CHANNEL ${quoted(name)}`)
  const channel = (await channelsOf(session)).find((c) => c.Channel_Name === name)
  const received = channel?.Retrieved_Gtid_Set.replaceAll('\n', '') ?? ''
  const seconds = limits.globalDrainMs / 1000
  const wait = `SELECT WAIT_FOR_EXECUTED_GTID_SET(${quoted(received)}, ${seconds}) AS late`
  const [row] = (await session.text(wait, limits.globalDrainMs + 1_000)) as readonly { late: unknown }[]
  if (String(row?.late) !== '0')
    throw new EzoneError('EZ_WAIT_TIMEOUT', `what came from ${name.slice(5)} was not applied within ${seconds} s`)
  await session.text(`STOP REPLICA FOR CHANNEL ${quoted(name)}`)
}

export async function stopOthers(session: Session, wanted: string): Promise<void> {
  for (const channel of await channelsOf(session))
    if (channel.Channel_Name !== wanted && !stopped(channel))
      await session.text(`STOP REPLICA FOR CHANNEL ${quoted(channel.Channel_Name)}`)
}

export const startChannel = (session: Session, name: string) =>
  session.text(`START REPLICA FOR CHANNEL ${quoted(name)}`)

/** Zone names have no quotes, and GTID sets neither. */
export function quoted(text: string): string {
  if (!/^[\w:,\- \n]*$/.test(text)) throw new TypeError(`${text} is no name of a zone and no set of GTIDs`)
  return `'${text}'`
}
