import { z } from 'zod'
import { serviceClasses } from './calls.ts'

/** The file in the folder of a service that tells a testbed how to run it. */
export const serviceProjectFile = 'ezone.service.json'

/**
 * A service of one's own, in any language: enough to start it in a testbed. How a service of the platform is started
 * stands in its `manifest.json` instead.
 */
export const serviceProjectSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z](?:-?[a-z0-9])*$/)
    .max(30)
    .describe('The service, as its callers know it: `/services/NAME/…` at the API Router.'),
  summary: z.string().default('').describe('One line for people.'),
  class: z
    .enum(serviceClasses)
    .default('multi-active')
    .describe('Where a call to it is answered: in the zone of its shard, where it comes from, or in one zone.'),
  run: z
    .array(z.string().min(1))
    .min(1)
    .describe('The program and its arguments; started in the folder of this file, with EZONE_SERVICE_CONFIG set.'),
  stores: z
    .array(z.enum(['mysql', 'redis', 'kafka', 'zookeeper', 'global']))
    .default([])
    .describe('Stores of its zone that it uses; it is told where they are.'),
  health: z.string().startsWith('/').default('/readyz').describe('Answers 200 when it can serve.'),
  tables: z
    .array(z.string().regex(/^[a-z_][a-z0-9_]*[.][a-z_][a-z0-9_]*$/))
    .default([])
    .describe('Its multi-active tables, `schema.table`: they are replicated, and compared.'),
  registers: z
    .boolean()
    .default(true)
    .describe('Whether it makes itself known in the ZooKeeper of its zone; else whoever runs it does.'),
})
export type ServiceProject = z.output<typeof serviceProjectSchema>
