import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { groundBlueprint, LinkGround, serveDoor } from '../testing/link-ground.ts'
import { ToxiproxyControl } from './control.ts'
import { ControlError } from './transport.ts'

const blueprintOn = (bj: number, sh: number) =>
  groundBlueprint({
    places: { bj, sh },
    rttMs: 30,
    doors: ['bj', 'sh'].map((place) => ({ place, name: 'redis', protocol: 'redis', port: 6379 })),
  })
const soon = () => AbortSignal.timeout(60_000)

/**
 * A known fault of Toxiproxy: a client that does not read fills every buffer up to the toxic, which then never hears that
 * it shall make room for another one. The change, every GET of that proxy and every new connection of it hang for good.
 */
async function stall(bj: number, sh: number) {
  await using owned = new AsyncDisposableStack()
  const ground = owned.use(await LinkGround.start(blueprintOn(bj, sh), { restarts: true }))
  const driver = ground.driver('bj-sh')
  await driver.raise(soon())
  owned.use(
    await serveDoor({ host: `127.${sh}.0.2`, port: 6379 }, (socket) => {
      const flood = () => {
        while (socket.writable && socket.write(Buffer.alloc(65_536)));
      }
      socket.on('drain', flood)
      flood()
    }),
  )
  const client = connect(6379, `127.${bj}.${sh}.2`)
  await once(client, 'connect')
  owned.defer(() => void client.destroy())
  client.on('error', () => undefined).pause()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  return { driver, ground, client, owned: owned.move() }
}

describe('a Toxiproxy whose control hangs', () => {
  it('is told from one that answers, by a deadline', async () => {
    const { owned } = await stall(147, 148)
    await using _ = owned
    const control = new ToxiproxyControl({ host: '127.147.255.1', port: 8474 })
    const toxic = {
      name: 'x.probe.1',
      type: 'timeout',
      stream: 'downstream',
      toxicity: 1,
      attributes: { timeout: 0 },
    } as const
    const refused = await control.addToxic('bj>sh.redis.client', toxic, soon()).catch((error: unknown) => error)
    expect(ControlError.is(refused, 'hung')).toBe(true)
    await expect(control.list(soon())).rejects.toMatchObject({ reason: 'hung' })
  })

  it('is cut all the same, and joined: the proxy that hangs is replaced, and the cut says so', async () => {
    const { owned, driver } = await stall(147, 148)
    await using _ = owned
    const applied = await driver.cut({ id: 'f1', direction: null }, soon())
    expect(applied.rebuilt).toEqual(['bj>sh.redis.client'])
    expect((await driver.state(soon())).state).toBe('cut')
    await driver.join('f1', soon())
    expect((await driver.state(soon())).state).toBe('open')
  })

  it('is restarted where the proxy cannot be replaced, and gets everything back', async () => {
    const { owned, driver } = await stall(147, 148)
    await using _ = owned
    const control = new ToxiproxyControl({ host: '127.147.255.1', port: 8474 })
    const toxic = {
      name: 'x.other.1',
      type: 'timeout',
      stream: 'downstream',
      toxicity: 1,
      attributes: { timeout: 0 },
    } as const
    await control.addToxic('bj>sh.redis.client', toxic, soon()).catch(() => undefined)
    // A client that dials now is accepted and then waits for the lock that the hanging change holds.
    const late = connect(6379, '127.147.148.2')
    await once(late, 'connect')
    const applied = await driver.cut({ id: 'f2', direction: null }, soon())
    expect(applied.rebuilt).toHaveLength(2)
    expect(await driver.state(soon())).toEqual({ state: 'cut', faults: ['f2'], why: null })
    late.destroy()
  })
})
