import { Args, Flags } from '@oclif/core'
import { EzoneCommand } from '../../testbed/face/command.ts'
import type { Unpacked } from '../../testbed/servers/bundle/unpack.ts'

export default class ServersUnpack extends EzoneCommand {
  static override summary = 'Take the servers of a packed file into the cache, after every hash was found right.'
  static override examples = ['<%= config.bin %> servers unpack ezone-servers.tar.zst']
  static override args = {
    file: Args.string({ required: true, description: 'File that `ezone servers pack` wrote.' }),
  }
  static override flags = {
    sha256: Flags.string({ summary: 'What the whole file must be, as `servers pack` printed it.' }),
  }

  async run(): Promise<{ servers: readonly Unpacked[] }> {
    const { args, flags } = await this.parse(ServersUnpack)
    const { folders } = await import('../../testbed/surroundings/folders.ts')
    const { unpack } = await import('../../testbed/servers/bundle/unpack.ts')
    const servers = await unpack(args.file, {
      cacheDir: folders().cache,
      signal: this.signal,
      ...(flags.sha256 !== undefined && { sha256: flags.sha256 }),
    })
    for (const { kind, version, where } of servers) this.say(`${kind} ${version} is in ${where}`)
    return { servers }
  }
}
