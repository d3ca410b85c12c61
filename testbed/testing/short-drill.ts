/** A scenario for tests, as the file of a user: a cut of the wire that lasts `faultFor`, such as `8s`. */
export const shortDrill = (faultFor: string): string => `
name: cut
title: The wire between $lost and $other is cut
hypothesis: Each zone serves its own orders.
# Little: whoever is five times slower must keep up with it.
load: { opsPerSecond: 12, for: 20s, conflicts: true }
timeline:
  - { at: 2s, fault: { kind: partition, target: $lost-$other, for: ${faultFor} } }
allow: { grade: P0 }
stop: { for: 60s }
`
