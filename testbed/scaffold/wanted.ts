import { EzoneError } from '@ezone/sdk/errors'
import type { Template } from './templates.ts'

/** What is said of a new service on the command line. */
export interface Said {
  readonly name: string | undefined
  readonly template: Template | undefined
}

export interface Wanted {
  readonly name: string
  readonly template: Template
}

/** Asks a person for what was not said. */
export type Ask = (said: Said) => Promise<Wanted>

/**
 * What is wanted: as said, by default where `--yes` stands for whatever is not, else as a person answers.
 *
 * @param ask null where nobody is there to answer
 * @throws EZ_USAGE where something is missing and nobody can be asked
 */
export async function complete(
  said: Said,
  { yes, ask }: { readonly yes: boolean; readonly ask: Ask | null },
): Promise<Wanted> {
  const { name, template = yes ? 'api' : undefined } = said
  if (name !== undefined && template !== undefined) return { name, template }
  if (!yes && ask !== null) return ask(said)
  const missing = [...(name === undefined ? ['NAME'] : []), ...(template === undefined ? ['--template'] : [])]
  throw new EzoneError('EZ_USAGE', `${missing.join(' and ')} missing, and nobody is there to be asked`, {
    hint: 'Give a name, and a template or --yes: `ezone new service NAME --yes` takes the template api.',
  })
}
