import { EzoneError } from '@ezone/sdk/errors'
import type { Hook } from '@oclif/core'
import { nearest } from '../topology/nearest.ts'
import { failureText } from './failure.ts'
import { paint } from './paint.ts'

/** oclif's hook for a command it does not know: names the nearest one, in the same two forms as every other error. */
const commandNotFound: Hook<'command_not_found'> = async ({ id, argv, config }) => {
  const typed = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '))
  const near = nearest(typed, known)
  const error = new EzoneError('EZ_UNKNOWN_COMMAND', `there is no command \`ezone ${typed}\``, {
    ...(near !== undefined && { hint: `Did you mean \`ezone ${near}\`? \`ezone --help\` lists all.` }),
  })
  process.exitCode = error.oclif.exit
  if ((argv ?? []).includes('--json'))
    process.stdout.write(`${JSON.stringify({ ok: false, error: error.toJSON() }, null, 2)}\n`)
  else
    process.stderr.write(`${failureText(error.toJSON(), await paint())}
`)
}

export default commandNotFound
