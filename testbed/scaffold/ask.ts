import { EzoneError } from '@ezone/sdk/errors'
import { nameProblem } from './names.ts'
import { type Template, templateNames, templates } from './templates.ts'
import type { Ask } from './wanted.ts'

/** Asks on the terminal, and takes no name that would be refused. Ctrl-C is an interruption, as everywhere. */
export const askOnTerminal =
  (platform: readonly string[]): Ask =>
  async ({ name, template }) => {
    const { default: inquirer } = await import('inquirer')
    try {
      const answers = await inquirer.prompt<{ name: string; template: Template }>(
        [
          {
            type: 'input',
            name: 'name',
            message: 'Name of the service:',
            validate: (text: string) => nameProblem(text, platform)?.message ?? true,
          },
          {
            type: 'select',
            name: 'template',
            message: 'What does it begin as?',
            choices: templateNames.map((value) => ({ value, name: `${value}: ${templates[value]}` })),
          },
        ],
        // What is given here is not asked for.
        { ...(name !== undefined && { name }), ...(template !== undefined && { template }) },
      )
      return { name: answers.name, template: answers.template }
    } catch (error) {
      if ((error as Error).name === 'ExitPromptError') throw new EzoneError('EZ_INTERRUPTED', 'interrupted')
      throw error
    }
  }
