import { mustBe, type Proof } from '../proof.ts'

/** What the issue asks for, by the name the bench prints. Milliseconds, MiB; `s` where the bench says so. */
const targets: Readonly<Record<string, number>> = {
  'no-op up': 1_000,
  'warm up (fresh data)': 8_000,
  down: 5_000,
  'light command (ps), CPU': 150,
  'the 16 servers, PSS': 1_126,
}

export const proof: Proof = {
  statement:
    'No-op `up` <= 1 s; warm `up` <= 8 s; `down` <= 5 s; the 16 servers <= 1.1 GiB PSS; light command <= 150 ms CPU (medians of >= 5)',
  limitMs: 20 * 60_000,
  async see(context) {
    const printed = await context.run('npm', 'run', '--silent', 'bench', '--', '5')
    const figures = Object.fromEntries(
      printed.split('\n').flatMap((line) => {
        const [, name, median] = /^(.+?)\s{2,}([\d.]+) /.exec(line) ?? []
        return name === undefined ? [] : [[name.trim(), Number(median)]]
      }),
    )
    for (const [name, most] of Object.entries(targets)) {
      const median = figures[name]
      mustBe(median !== undefined, `the bench said nothing of ${name}`)
      mustBe(median <= most, `${name}: median ${median}, asked for at most ${most}`)
    }
    return figures
  },
}
