/** Every environment variable the CLI and the agent read. Services read one of their own: EZONE_SERVICE_CONFIG. */
export const variables = {
  EZONE_CACHE_DIR: 'Folder for servers and templates (default ~/.cache/ezone).',
  EZONE_STATE_DIR: 'Folder for testbeds (default ~/.local/state/ezone).',
  EZONE_NAME: 'Name of the testbed where --name is not given (default `default`).',
  XDG_CACHE_HOME: 'Base of the cache folder, by the XDG rules.',
  XDG_STATE_HOME: 'Base of the state folder, by the XDG rules.',
  XDG_RUNTIME_DIR: 'Where the socket of a rootless Docker engine is, by the XDG rules.',
  DOCKER_HOST: 'Where the Docker engine answers (default /var/run/docker.sock).',
  XDG_CONFIG_HOME: 'Base of the folder with the settings of Go, which builds Toxiproxy and k6.',
  MAVEN_OPTS: 'Options of the Java that Maven runs on, which fetches Kafka and ZooKeeper.',
  GOENV: 'Settings of Go, where they are not in that folder.',
  PATH: 'Searched for servers and package clients.',
  HOME: 'Home of the user.',
  http_proxy: 'A proxy that the tools of this machine ask, also for addresses of a testbed.',
  HTTP_PROXY: 'The same, for programs that read this one; curl does not.',
  all_proxy: 'The same, for every protocol.',
  ALL_PROXY: 'The same.',
  no_proxy: 'What they do not ask it for.',
  NO_PROXY: 'The same.',
  DISPLAY: 'Where a page can be shown (X11).',
  WAYLAND_DISPLAY: 'Where a page can be shown (Wayland).',
  CI: 'Set where nobody watches: no colours, no prompts, plain lines.',
  NO_COLOR: 'Set to have no colours.',
} as const

export type Variable = keyof typeof variables

/** Reads a variable at the moment it is needed; empty counts as unset. */
export function env(name: Variable): string | undefined {
  return process.env[name] || undefined
}

/** The surroundings a child program may see: what ezone was started with, plus what is given. */
export function childEnv(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra }
}
