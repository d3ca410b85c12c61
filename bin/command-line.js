const answeredByOclif = ['-h', '--help', '--version']

/**
 * `ezone` alone shows what there is and what to do next, as `ezone next` does; so do flags without a command:
 * `ezone --json`, `ezone --name two`. oclif itself would print the help.
 *
 * @param {string[]} typed
 */
export function commandLine(typed) {
  const asksOclif = typed.some((word) => answeredByOclif.includes(word))
  return typed.length === 0 || (typed[0].startsWith('-') && !asksOclif) ? ['next', ...typed] : typed
}
