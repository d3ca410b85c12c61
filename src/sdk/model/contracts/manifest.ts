import { z } from 'zod'

/**
 * What the testbed knows of a service: enough to start it, never its internals.
 * Each service keeps one in `src/<service>/manifest.json`.
 */
export const manifestSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .describe('The service, as users know it.'),
  summary: z.string().describe('One line for `status` and docs.'),
  entry: z.string().describe('The program, relative to the manifest, without extension.'),
  runsIn: z
    .enum(['edge', 'idc', 'zone', 'home', 'everywhere'])
    .describe(
      'Which places run it: every edge; every IDC of every zone; the first IDC of every zone; the first IDC of the first zone alone; every edge and the first IDC of every zone.',
    ),
  instances: z.int().min(1).max(4).default(1).describe('How many of it stand in each of these places.'),
  port: z.int().min(1024).max(32767).describe('Its HTTP port.'),
  reach: z
    .enum(['local', 'zones', 'everywhere'])
    .describe('Who may dial it through a link: nobody, the other IDCs, or the edges too.'),
  stores: z
    .array(z.enum(['mysql', 'redis', 'kafka', 'zookeeper', 'ensemble', 'global']))
    .describe('What it uses: stores of its own zone, the global ensemble, the MySQL servers of the Global Zone.'),
  account: z
    .enum(['app', 'fence', 'drc'])
    .default('app')
    .describe('What it is for MySQL: a service of the business, the keeper of the fence rows, the replication.'),
  far: z
    .array(z.enum(['kafka', 'mysql']))
    .default([])
    .describe('Stores of the other zones that it reads, through the links.'),
  peers: z.array(z.string()).describe('Services it calls; it is told where each is seen from its own place.'),
})

export type Manifest = z.output<typeof manifestSchema>
