import { Args } from '@oclif/core'
import { EzoneCommand } from '../../testbed/face/command.ts'
import type { Packed } from '../../testbed/servers/bundle/pack.ts'

export default class ServersPack extends EzoneCommand {
  static override summary = 'Write the servers of the cache into one file, for machines without network.'
  static override examples = ['<%= config.bin %> servers pack ezone-servers.tar.zst']
  static override args = {
    file: Args.string({ required: true, description: 'File to write: .tar.zst, .tar.gz or .tar.' }),
  }

  async run(): Promise<Packed> {
    const { args } = await this.parse(ServersPack)
    const { folders } = await import('../../testbed/surroundings/folders.ts')
    const { pack } = await import('../../testbed/servers/bundle/pack.ts')
    const { packedText } = await import('../../testbed/servers/words.ts')
    const packed = await pack(args.file, { cacheDir: folders().cache, signal: this.signal })
    this.say(packedText(packed))
    this.next(`ezone servers unpack ${args.file} --sha256 ${packed.sha256}`)
    return packed
  }
}
