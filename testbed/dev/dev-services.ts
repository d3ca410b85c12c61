import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceConfig } from '@ezone/sdk/model'
import type { DevServiceStatus } from '../session/status.ts'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { markedProcesses } from '../surroundings/processes.ts'
import { devFolder } from './slots.ts'
import { readMark } from './spec.ts'

/** Programs of services in development, as the kernel shows them. @throws EZ_NO_TESTBED */
export async function devServices(name: string): Promise<readonly DevServiceStatus[]> {
  const { record, folder } = await openTestbed(folders().state, name)
  const found = (await markedProcesses(record.id)).flatMap(({ spec, leader, pid }) => {
    const mark = readMark(spec)
    return mark === undefined || !leader ? [] : [{ ...mark, pid }]
  })
  const services = found.map(async ({ name: service, place, instance, pid }): Promise<DevServiceStatus> => {
    const file = join(devFolder(folder), service, `${place}.${instance}`, 'config.json')
    const text = await readFile(file, 'utf8').catch(() => null)
    const listen = text === null ? null : (JSON.parse(text) as ServiceConfig).listen
    return { name: service, place, address: listen && `${listen.host}:${listen.port}`, pid }
  })
  return (await Promise.all(services)).toSorted((a, b) => `${a.name}@${a.place}`.localeCompare(`${b.name}@${b.place}`))
}
