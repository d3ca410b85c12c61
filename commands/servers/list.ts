import { Flags } from '@oclif/core'
import { EzoneCommand } from '../../testbed/face/command.ts'
import { serverKinds } from '../../testbed/servers/home.ts'
import type { InventoryRow } from '../../testbed/servers/inventory.ts'

export default class ServersList extends EzoneCommand {
  static override summary = 'Show the servers ezone has: where each came from, its version, size and licence.'
  static override examples = ['<%= config.bin %> servers list', '<%= config.bin %> servers list --verify --json']
  static override flags = {
    verify: Flags.boolean({ summary: 'Read every file and compare its hash, instead of sizes and times.' }),
  }

  async run(): Promise<{ cache: string; servers: readonly InventoryRow[] }> {
    const { flags } = await this.parse(ServersList)
    const { folders } = await import('../../testbed/surroundings/folders.ts')
    const { inventory, onPath } = await import('../../testbed/servers/inventory.ts')
    const { inventoryText } = await import('../../testbed/servers/words.ts')
    const cache = folders().cache
    const cached = await inventory({ cacheDir: cache, verify: flags.verify, signal: this.signal })
    const ready = new Set(cached.filter((row) => row.state === 'ready').map((row) => row.kind))
    const missing = serverKinds.filter((kind) => !ready.has(kind))
    const servers = [...cached, ...(await onPath(missing, this.signal))]
    this.say(inventoryText(cache, servers))
    if (servers.length === 0) this.next('ezone servers fetch')
    if (servers.some((server) => server.state === 'damaged')) this.next('ezone servers prune --corrupt')
    return { cache, servers }
  }
}
