/** Labels on everything made in an engine, so that all of it is found again when nobody remembers it. */
export const labels = {
  testbed: 'ezone.testbed',
  spec: 'ezone.spec',
  place: 'ezone.place',
  /** Hash of the launch a container was started with. */
  launch: 'ezone.launch',
  /** On images only: what they hold. */
  image: 'ezone.image',
} as const

/** Filter of the engine's lists: what carries the label, with that value where one is given. */
export function labelled(label: string, value?: string): { label: string[] } {
  return { label: [value === undefined ? label : `${label}=${value}`] }
}
