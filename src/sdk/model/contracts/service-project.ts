import { z } from 'zod'
import { serviceClasses } from './calls.ts'

/** A folder with this file is the project of a service. */
export const serviceProjectFile = 'ezone.service.json'

const path = z.string().regex(/^\/\S*$/, 'must be a path such as /notes')

/** How a service is asked to write something and to read it again: what a check of it against the platform needs. */
const serviceContractSchema = z.strictObject({
  write: z
    .strictObject({
      method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('Of the request.'),
      path: path.describe('At the service.'),
      body: z
        .record(z.string(), z.json())
        .default({})
        .describe('Sent as JSON; `{n}` in a text is another number for each request.'),
    })
    .describe('Makes something, under the shard of its signed tag; twice under one idempotency-key it makes one.'),
  read: z
    .strictObject({
      path: path.regex(/\{id\}/, 'must have {id}').describe('At the service; `{id}` stands for what was made.'),
    })
    .describe('GET: answers 200 for what there is.'),
  id: z.string().min(1).describe('The field of the answer of a write that says what was made.'),
})

/** What a testbed is told of a service it did not bring along: how it is run, what it uses, what it makes. */
export const serviceProjectSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^(?=.{1,30}$)[a-z](?:-?[a-z0-9])*$/,
      'must be 1-30 lower-case letters, digits and single dashes, starting with a letter',
    )
    .describe('The service, as others call it.'),
  summary: z.string().default('').describe('One line for people.'),
  class: z
    .enum(serviceClasses)
    .default('multi-active')
    .describe('Where a call goes: to the zone of its shard; to the zone it is in; to the one zone that has it.'),
  run: z
    .array(z.string().min(1))
    .min(1)
    .describe('Program and arguments, started in the folder; `node` is the Node that ezone runs on.'),
  stores: z
    .array(z.enum(['mysql', 'redis', 'kafka', 'zookeeper', 'global']))
    .default([])
    .describe('Stores of its zone that it uses, and the MySQL servers of the Global Zone.'),
  health: z
    .string()
    .regex(/^\/\S*$/, 'must be a path such as /readyz')
    .default('/readyz')
    .describe('Answers 200 to GET once the service can serve.'),
  tables: z
    .array(z.string().regex(/^[a-z][a-z0-9_]*[.][a-z][a-z0-9_]*$/, 'must be schema.table in lower case'))
    .default([])
    .describe('Multi-active tables that it makes.'),
  registers: z
    .boolean()
    .default(true)
    .describe('True: it registers itself in the ZooKeeper of its zone. False: whoever runs it does.'),
  contract: serviceContractSchema.optional().describe('How it is checked; without it nothing can be.'),
})

export type ServiceContract = z.output<typeof serviceContractSchema>
export type ServiceProject = z.output<typeof serviceProjectSchema>
