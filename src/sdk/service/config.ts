import { readFile } from 'node:fs/promises'
import { type ServiceConfig, serviceConfigSchema } from '../model/index.ts'

/** The one variable a service reads: the file that tells it where it stands. Mode 0600, it holds credentials. */
const variable = 'EZONE_SERVICE_CONFIG'

/** Where a service's configuration is, and what it says. Throws where it is missing or wrong: then nothing can start. */
export async function readServiceConfig(): Promise<{ readonly path: string; readonly config: ServiceConfig }> {
  const path = process.env[variable]
  if (!path) throw new TypeError(`${variable} must name the service's configuration file`)
  return { path, config: serviceConfigSchema.parse(JSON.parse(await readFile(path, 'utf8'))) }
}
