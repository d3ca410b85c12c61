/** The testbed a command line names: `--name two`, `--name=two`, `-n two`; undefined where it names none. */
export function nameIn(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => word === '--name' || word === '-n')
  return at >= 0 ? argv[at + 1] : argv.find((word) => word.startsWith('--name='))?.slice('--name='.length)
}

const aboutOne =
  /`ezone ((?:up|down|start|stop|plan|status|wait|logs|links|restart|reset|order|route|demo|dev|check)\b[^`]*)`/g

/**
 * Commands in a text, made to mean the testbed in question: whoever copies `ezone down` from an error about testbed
 * `two` must not take down another one.
 */
export function forTestbed(text: string, name: string | undefined): string {
  if (name === undefined) return text
  return text.replaceAll(aboutOne, (whole, command: string) =>
    command.includes('--name') || command.includes('--all') ? whole : `\`ezone ${command} --name ${name}\``,
  )
}
