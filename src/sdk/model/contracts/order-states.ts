import { EzoneError } from '../errors.ts'

/** The life of an order, in the order of its states: whatever happens, an order only ever goes down this list. */
export const orderStates = ['created', 'paid', 'accepted', 'assigned', 'pickedUp', 'delivered', 'cancelled'] as const
export type OrderState = (typeof orderStates)[number]

/** Every legal move there is. What is not here is refused, whoever asks. */
export const orderMoves = {
  created: ['paid', 'cancelled'],
  paid: ['accepted', 'cancelled'],
  accepted: ['assigned', 'cancelled'],
  assigned: ['pickedUp', 'cancelled'],
  // The food is on its way: it can only arrive.
  pickedUp: ['delivered'],
  delivered: [],
  cancelled: [],
} as const satisfies Record<OrderState, readonly OrderState[]>

/** @throws EZ_BAD_TRANSITION */
export function requireMove(from: OrderState, to: OrderState): void {
  const legal: readonly OrderState[] = orderMoves[from]
  if (legal.includes(to)) return
  const instead = legal.length === 0 ? 'it has ended' : `from there it goes to ${legal.join(' or ')}`
  throw new EzoneError('EZ_BAD_TRANSITION', `the order is ${from} and cannot become ${to}: ${instead}`)
}

/** True where nothing can happen to the order any more. */
export const isFinal = (state: OrderState): boolean => orderMoves[state].length === 0
