import type { ToxiproxySpec } from '../topology/blueprint.ts'
import type { Launcher } from './launch.ts'
import type { Probe } from './ready.ts'

/** An empty Toxiproxy; `testbed/links` fills it over its API. */
export const launchToxiproxy: Launcher<ToxiproxySpec> = (_spec, site) => {
  const { host, port } = site.bind('control')
  return {
    program: { kind: 'toxiproxy', name: 'toxiproxy-server' },
    args: ['-host', host, '-port', String(port)],
    // By default it writes a line for every control call and every connection.
    env: { LOG_LEVEL: 'warn' },
    files: [],
    seed: null,
    stopGraceMs: 2_000,
  }
}

export const probeToxiproxy: Probe<ToxiproxySpec> = async (_spec, { door, signal }) => {
  const { host, port } = door('control')
  const response = await fetch(`http://${host}:${port}/version`, { signal })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`Toxiproxy answers ${response.status}`)
}
