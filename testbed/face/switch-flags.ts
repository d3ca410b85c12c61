import { Flags } from '@oclif/core'

/** What a person may say of a switch, whichever way it goes. */
export const switchFlags = () => ({
  canary: Flags.boolean({ summary: 'One shard first; the others when it has arrived.' }),
  'allow-locked': Flags.boolean({ summary: 'Move locked orders too: the other zone does not know of every lock.' }),
  why: Flags.string({
    summary: 'Kept in the record and in the history of the table.',
    default: 'asked for by a person',
  }),
})
