/* What the flags of a command may say: it is read at every start, so this file imports nothing. */

export const profileNames = ['steady', 'lunch', 'dinner', 'storm-x10', 'ramp-to-break'] as const
export type ProfileName = (typeof profileNames)[number]

export const engineNames = ['auto', 'k6', 'builtin'] as const
export type EngineName = (typeof engineNames)[number]

/**
 * Orders are placed, paid and looked at; riders tell where they are, shops are asked for their menus, and users, who are
 * known to all zones, are looked up.
 */
export const defaultMix = 'place=30,show=20,pay=15,position=20,menu=10,user=5'
