// Understood by Node 18 too: it is read before anything is known of the Node that reads it.

/** What package.json asks for (`engines`). */
export const oldest = '24.15'

/** @param {string} version such as `20.20.2` */
export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = oldest.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}
