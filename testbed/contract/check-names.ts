/** What a service is checked for, in this order. */
export const checkNames = ['repeats-once', 'follows-moves', 'refuses-foreign', 'survives'] as const
export type CheckName = (typeof checkNames)[number]
