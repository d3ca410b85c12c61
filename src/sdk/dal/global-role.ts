import { EzoneError, type MysqlAccess } from '../model/index.ts'
import { limits } from './limits.ts'
import { serverSaid } from './outcome.ts'
import { Session } from './session.ts'

export interface GlobalRole {
  readonly role: 'master' | 'replica'
  /** True where it takes no writes. */
  readonly readOnly: boolean
  /** A replica: whether it is connected to the master and applies what comes. A master: true. */
  readonly following: boolean
  /** Why it does not follow, in the server's words; empty where it does. */
  readonly trouble: string
}

/**
 * Makes a server of the Global Zone what the truth says it is, and tells what it found; to be called again and again.
 *
 * The master takes writes and follows nobody. A replica refuses all writes, also those of administrators, and follows
 * the channel `from_<master>`: the server knows its addresses and passwords since its start. No server takes writes
 * before it was told to, so after any crash there is at most one master.
 *
 * Who becomes the master first applies all it has received from the old one.
 *
 * @param options.own the own zone's server, as the account `fence`
 * @throws EZ_STORE_UNREACHABLE; EZ_WAIT_TIMEOUT where the old master's changes are not applied in time
 */
export async function makeGlobalRole(
  { own, zone, master }: { readonly own: MysqlAccess; readonly zone: string; readonly master: string },
  signal?: AbortSignal,
): Promise<GlobalRole> {
  signal?.throwIfAborted()
  let session: Session | undefined
  try {
    session = await Session.open(own, { ...limits, autocommit: true })
    return zone === master ? await beMaster(session) : await follow(session, master)
  } catch (error) {
    if (EzoneError.is(error) || serverSaid(error)) throw error
    throw new EzoneError('EZ_STORE_UNREACHABLE', 'the Global Zone server of this zone does not answer', {
      cause: error,
    })
  } finally {
    await session?.end()
  }
}

/** What SHOW REPLICA STATUS tells of one channel. */
interface Channel {
  readonly Channel_Name: string
  readonly Replica_IO_Running: string
  readonly Replica_SQL_Running: string
  readonly Last_IO_Error: string
  readonly Last_SQL_Error: string
  readonly Retrieved_Gtid_Set: string
}

const channelsOf = async (session: Session) => (await session.text('SHOW REPLICA STATUS')) as readonly Channel[]
const stopped = ({ Replica_IO_Running: io, Replica_SQL_Running: sql }: Channel) => io === 'No' && sql === 'No'

async function beMaster(session: Session): Promise<GlobalRole> {
  for (const channel of await channelsOf(session)) if (!stopped(channel)) await leave(session, channel)
  if (await isReadOnly(session)) await session.text('SET GLOBAL read_only = OFF')
  return { role: 'master', readOnly: false, following: true, trouble: '' }
}

/** Ends the reading first, then the applying, when everything read has been applied. */
async function leave(session: Session, { Channel_Name: name }: Channel): Promise<void> {
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

async function follow(session: Session, master: string): Promise<GlobalRole> {
  // First of all nobody writes here any more. It waits for the transactions that commit just now.
  if (!(await isReadOnly(session))) await session.text('SET GLOBAL super_read_only = ON')
  const wanted = `from_${master}`
  for (const channel of await channelsOf(session))
    if (channel.Channel_Name !== wanted && !stopped(channel))
      await session.text(`STOP REPLICA FOR CHANNEL ${quoted(channel.Channel_Name)}`)

  const before = (await channelsOf(session)).find((channel) => channel.Channel_Name === wanted)
  if (before === undefined) throw new EzoneError('EZ_BUG', `the server of this zone has no channel ${wanted}`)
  // A thread that an error has ended stays down; the start tries it again, and nothing happens to one that runs.
  if (before.Replica_IO_Running === 'No' || before.Replica_SQL_Running === 'No')
    await session.text(`START REPLICA FOR CHANNEL ${quoted(wanted)}`)
  const now = (await channelsOf(session)).find((channel) => channel.Channel_Name === wanted) ?? before
  return {
    role: 'replica',
    readOnly: true,
    following: now.Replica_IO_Running === 'Yes' && now.Replica_SQL_Running === 'Yes',
    trouble: now.Last_SQL_Error || now.Last_IO_Error,
  }
}

async function isReadOnly(session: Session): Promise<boolean> {
  const [row] = await session.rows<{ on: unknown }>('SELECT @@GLOBAL.super_read_only AS `on`')
  return String(row?.on) === '1'
}

/** Zone names have no quotes, and GTID sets neither. */
function quoted(text: string): string {
  if (!/^[\w:,\- ]*$/.test(text)) throw new TypeError(`${text} is no name of a zone and no set of GTIDs`)
  return `'${text}'`
}
