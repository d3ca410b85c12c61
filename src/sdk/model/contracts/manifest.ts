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
  runsIn: z.enum(['edge', 'idc']).describe('Which places run an instance: every edge, or every IDC of every zone.'),
  port: z.int().min(1024).max(32767).describe('Its HTTP port.'),
  reach: z
    .enum(['local', 'zones', 'everywhere'])
    .describe('Who may dial it through a link: nobody, the other IDCs, or the edges too.'),
  stores: z.array(z.enum(['mysql', 'redis', 'kafka', 'zookeeper'])).describe('Stores of its own zone that it uses.'),
  peers: z.array(z.string()).describe('Services it calls; it is told where each is seen from its own place.'),
})

export type Manifest = z.output<typeof manifestSchema>
