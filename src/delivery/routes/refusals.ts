import { type Call, EzoneError, internalHeader, type Route, readTag, type ServiceContext } from '@ezone/sdk'

/** The routes, counting what they refuse: by code, and by the shard and epoch under which it was asked for. */
export function countRefusals(
  { config, metrics }: Pick<ServiceContext, 'config' | 'metrics'>,
  routes: readonly Route[],
): readonly Route[] {
  const refused = metrics.counter('ezone_orders_refused_total', 'Requests refused, by code, shard and epoch.')
  /** Empty where the tag is not believed: then anybody may have written what it says. */
  const asked = ({ headers }: Call): { readonly shard: number | ''; readonly epoch: number | '' } => {
    try {
      const { shard, epoch } = readTag(String(headers[internalHeader]), config.secret)
      return { shard, epoch }
    } catch {
      return { shard: '', epoch: '' }
    }
  }
  return routes.map((route) => ({
    ...route,
    async handle(call) {
      try {
        return await route.handle(call)
      } catch (error) {
        if (EzoneError.is(error)) refused.add({ code: error.code, ...asked(call) })
        throw error
      }
    },
  }))
}
