import Up from './up.ts'

export default class Plan extends Up {
  static override summary = 'Show what `up` would do now, and why; do nothing.'
  static override description = 'The same as `up --dry-run`.'
  static override examples = ['<%= config.bin %> plan', '<%= config.bin %> plan --json']

  override async run(): Promise<object> {
    this.argv.push('--dry-run')
    return super.run()
  }
}
