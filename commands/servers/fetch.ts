import { Args, Flags } from '@oclif/core'
import { EzoneCommand } from '../../testbed/face/command.ts'
import { type ServerHome, type ServerKind, serverKinds } from '../../testbed/servers/home.ts'

export default class ServersFetch extends EzoneCommand {
  static override summary = 'Fetch servers into the cache before they are needed; without names all of them, k6 too.'
  static override description =
    'Asks the sources of ezone.yaml in their order (by default PATH, then the package clients of this machine). ' +
    'What the cache has is checked and kept.'
  static override examples = ['<%= config.bin %> servers fetch', '<%= config.bin %> servers fetch mysql redis']
  static override strict = false
  static override args = {
    kind: Args.string({ description: `Server to fetch: ${serverKinds.join(', ')}.` }),
  }
  static override flags = {
    file: Flags.string({ char: 'f', summary: 'Topology file instead of ./ezone.yaml, for its sources.' }),
    verify: Flags.boolean({ summary: 'Read every file of the cache instead of comparing sizes and times.' }),
  }

  async run(): Promise<{ servers: readonly Omit<ServerHome, 'loader' | 'jars'>[] }> {
    const { argv, flags } = await this.parse(ServersFetch)
    const { kindsNamed } = await import('../../testbed/servers/words.ts')
    const { describeEvent, provide } = await import('../../testbed/servers/provide.ts')
    const { folders } = await import('../../testbed/surroundings/folders.ts')
    const { loadTopology } = await import('../../testbed/topology/load.ts')
    const kinds: readonly ServerKind[] = kindsNamed(argv)
    const { topology } = await loadTopology({
      folder: process.cwd(),
      ...(flags.file !== undefined && { file: flags.file }),
    })
    const homes = await provide(kinds, {
      cacheDir: folders().cache,
      ...(topology.sources && { sources: topology.sources }),
      verify: flags.verify,
      signal: this.signal,
      report: (event) => this.say(describeEvent(event)),
    })
    return { servers: [...homes.values()].map(({ loader: _loader, jars: _jars, ...home }) => home) }
  }
}
