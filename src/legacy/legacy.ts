import {
  type Call,
  EzoneError,
  internalHeader,
  jsonBody,
  type RunningService,
  readTag,
  type ServiceContext,
} from '@ezone/sdk'
import { registerService, Zookeeper } from '@ezone/sdk/zookeeper'

/**
 * A service nobody has made multi-active: it lives in one zone, its home. What calls it from elsewhere comes through the
 * SOA proxies, and pays the round trip.
 *
 *   ANY  /echo   answers what it was told, and where it was answered
 */
export async function startLegacy(context: ServiceContext): Promise<RunningService> {
  const { place, zone, stores } = context.config
  if (zone === null || stores.zookeeper === undefined)
    throw new TypeError('it stands in a zone and needs its ZooKeeper')
  await using starting = new AsyncDisposableStack()
  const zookeeper = starting.use(Zookeeper.connect({ servers: [stores.zookeeper], clock: context.clock }))
  starting.use(registerService(zookeeper, context, 'home'))
  const own = starting.move()
  const echo = (call: Call) => {
    const { hops } = homeTag(call, context)
    const said: unknown = call.body.length === 0 ? null : jsonBody(call)
    return { status: 200, body: { service: 'legacy', zone, place, said, hops } }
  }
  return {
    routes: [
      { method: 'GET', path: '/echo', handle: echo },
      { method: 'POST', path: '/echo', handle: echo },
    ],
    ready: async () => {},
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  }
}

/** The signed tag of a call that a SOA proxy sent to this very zone. */
function homeTag({ headers }: Call, { config }: ServiceContext) {
  const value = headers[internalHeader]
  const tag = readTag(Array.isArray(value) ? undefined : value, config.secret)
  if (tag.zone === config.zone) return tag
  throw new EzoneError('EZ_WRONG_ZONE', `the call was sent to ${tag.zone}; this is ${config.zone}`)
}
