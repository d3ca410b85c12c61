import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../surroundings/folders.ts'
import { marks } from '../surroundings/processes.ts'
import { answersPings, groundBlueprint, LinkGround, serveDoor } from '../testing/link-ground.ts'
import { auditSockets } from './audit.ts'
import { auditCut } from './audit-cut.ts'
import { PathProbe } from './path-probe.ts'
import { pathsOf } from './paths.ts'

const blueprint = groundBlueprint({
  places: { bj: 149, sh: 150 },
  rttMs: 30,
  doors: ['bj', 'sh'].map((place) => ({ place, name: 'redis', protocol: 'redis', port: 6379 })),
})
const [bjDoor, shDoor] = [
  { host: '127.149.0.1', port: 6379 },
  { host: '127.150.0.2', port: 6379 },
]
const shFromBj = { host: '127.149.150.2', port: 6379 }
const soon = () => AbortSignal.timeout(30_000)
const audit = (looks = 3) => auditSockets(blueprint, { signal: soon(), looks })

const owned = new AsyncDisposableStack()
let ground: LinkGround
beforeAll(async () => {
  ground = owned.use(await LinkGround.start(blueprint))
  await ground.driver('bj-sh').raise(soon())
  for (const door of [bjDoor, shDoor]) owned.use(await serveDoor(door, answersPings))
})
afterAll(async () => owned.disposeAsync())

/** A child process that stands in a place and holds a connection. */
async function dialler(place: string | null, { host, port }: { host: string; port: number }) {
  const program = join(packageRoot, 'testbed/testing/dialler.ts')
  const own = { [marks.testbed]: blueprint.id, [marks.spec]: `${place}/orders`, [marks.place]: place ?? '' }
  const child = spawn(process.execPath, [program, host, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(place === null ? {} : own) },
  })
  await once(child.stdout, 'data')
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

describe('the audit of sockets', () => {
  it('finds a process of bj that dials the real door of sh, and names it', async () => {
    await using planted = await dialler('bj', shDoor)
    expect((await audit()).bypasses).toEqual([
      { pid: planted.pid, process: 'bj/orders', from: 'bj', to: 'sh', address: '127.150.0.2:6379' },
    ])
  })

  it('is content with those that go through the link, and with the Toxiproxy behind it', async () => {
    await using _through = await dialler('bj', shFromBj)
    await using _within = await dialler('sh', shDoor)
    const seen = await audit()
    expect(seen).toMatchObject({ bypasses: [], unknown: [] })
    // The two that were planted, and the Toxiproxy's own connection to the door.
    expect(seen.sockets).toBe(3)
  })

  it('does not judge a client that belongs to no testbed', async () => {
    await using _ = await dialler(null, shDoor)
    expect(await audit()).toMatchObject({ sockets: 0, outside: 1, bypasses: [], unknown: [] })
  })

  it('judges what a container shows the same way', async () => {
    const owner = { pid: 4711, process: 'bj/kafka', place: 'bj' }
    const local = { host: '198.18.149.14', port: 40_000 }
    const extraSockets = async () => [{ local, remote: shDoor, accepted: false, owner, inode: 5 }]
    const seen = await auditSockets(blueprint, { signal: soon(), extraSockets })
    expect(seen.bypasses).toMatchObject([{ process: 'bj/kafka', from: 'bj', to: 'sh' }])
  })

  // Only root can start a process that root alone may look into and then look as somebody else.
  it.runIf(process.getuid?.() === 0)('calls unknown what it may not see, instead of fine', async () => {
    await using _ = await dialler('bj', shDoor)
    const script = `
      const { auditSockets } = await import(${JSON.stringify(join(packageRoot, 'testbed/links/audit.ts'))})
      process.setgroups([]); process.setgid(65534); process.setuid(65534)
      const seen = await auditSockets(${JSON.stringify(blueprint)}, { signal: AbortSignal.timeout(20000) })
      process.stdout.write(JSON.stringify(seen))`
    const child = spawn(process.execPath, ['--conditions=ezone-source', '--input-type=module', '-e', script], {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    await once(child, 'exit')
    expect(JSON.parse(printed)).toMatchObject({
      bypasses: [],
      unknown: [{ address: '127.150.0.2:6379', to: 'sh' }],
    })
  })
})

describe('the audit by a short cut', () => {
  const paths = pathsOf(blueprint)
  const hold = async (signal: AbortSignal) => {
    await ground.driver('bj-sh').cut({ id: 'f1', direction: null }, signal)
    return { [Symbol.asyncDispose]: async () => void (await ground.driver('bj-sh').join('f1', soon())) }
  }
  const options = { hold, credentialsOf: () => ({}), clock: systemClock }

  it('sees every path across the link go silent, none within a place, and all come back', async () => {
    const seen = await auditCut(paths, { ...options, signal: soon() })
    expect(seen).toMatchObject({ silent: 2, leaked: [], deadInZone: [], unanswered: [], unhealed: [] })
    expect((await ground.driver('bj-sh').state(soon())).state).toBe('open')
  })

  it('finds a path that has another way, and joins all the same', async () => {
    const [across] = paths.filter((path) => path.from === 'bj' && path.to === 'sh')
    if (across === undefined) throw new TypeError('no path')
    const seen = await auditCut([...paths.filter((path) => path !== across), { ...across, via: shDoor }], {
      ...options,
      signal: soon(),
    })
    expect(seen.leaked).toMatchObject([{ from: 'bj', to: 'sh', via: shDoor }])
    expect(seen.silent).toBe(1)
    expect((await ground.driver('bj-sh').state(soon())).state).toBe('open')
  })

  it('tells of a path within a place that dies with the links', async () => {
    const [within] = paths.filter((path) => path.link === null && path.from === 'sh')
    if (within === undefined) throw new TypeError('no path')
    const seen = await auditCut([...paths, { ...within, target: 'sh/other', via: shFromBj }], {
      ...options,
      signal: soon(),
    })
    expect(seen.deadInZone).toMatchObject([{ target: 'sh/other' }])
  })

  it('does not take a path that was silent before for one that the cut made silent', async () => {
    const dead = { ...paths[0], via: { host: '127.149.150.9', port: 1 } } as (typeof paths)[number]
    const seen = await auditCut([dead, ...paths], { ...options, signal: soon() })
    expect(seen.unanswered).toEqual([dead])
    expect(seen.silent).toBe(2)
  })

  it('joins the links when it is broken off in the middle', async () => {
    const broken = new AbortController()
    const cutThenBreak = async (signal: AbortSignal) => {
      const held = await hold(signal)
      setTimeout(() => broken.abort(new Error('Ctrl-C')), 100)
      return held
    }
    const seen = auditCut(paths, { ...options, hold: cutThenBreak, signal: broken.signal })
    await expect(seen).rejects.toThrow('Ctrl-C')
    expect((await ground.driver('bj-sh').state(soon())).state).toBe('open')
    await using probe = new PathProbe(paths[0] as (typeof paths)[number], () => ({}))
    expect(await probe.answers(2_000, soon())).toBe(true)
  })
})
