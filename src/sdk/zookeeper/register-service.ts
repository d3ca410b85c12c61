import type { ServiceClass, ServiceConfig } from '../model/index.ts'
import { Registration } from './registration.ts'
import type { Zookeeper } from './zookeeper.ts'

/** What a registration stands on; a ServiceContext is one. */
export interface RegisteringContext {
  readonly config: Pick<ServiceConfig, 'service' | 'place' | 'zone' | 'instance' | 'listen'>
  readonly log: { warn(what: object, text: string): void }
  readonly signal: AbortSignal
}

/**
 * Makes a service known in its zone as what it is, so that SOA proxies find it. Returns at once: the zone's ZooKeeper may
 * come later, or go and come again. The entry goes as soon as the context's signal ends the service, before it stops to
 * serve: requests on their way still find it, new ones find another instance.
 */
export function registerService(
  zk: Zookeeper,
  context: RegisteringContext,
  serviceClass: ServiceClass,
): AsyncDisposable {
  const { service, place, zone, instance, listen } = context.config
  const registration = new Registration(zk, {
    service,
    place,
    instance,
    data: { ...listen, zone, place, class: serviceClass },
    onError: (err) => context.log.warn({ err }, 'the service could not be registered yet; trying on'),
  })
  const end = () => void registration[Symbol.asyncDispose]()
  context.signal.addEventListener('abort', end, { once: true })
  return registration
}
