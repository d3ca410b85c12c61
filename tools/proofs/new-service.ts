import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mustBe, type Proof } from '../proof.ts'

/** The CLI and the SDK as they are packed, installed in an empty folder: nothing of this repository helps. */
export const proof: Proof = {
  statement:
    '`ezone new service demo --yes` from the packed CLI in an empty folder: type-checks, lints, and its tests pass untouched',
  limitMs: 10 * 60_000,
  async see({ run }) {
    await using home = await mkdtempDisposable(join(tmpdir(), 'ezone-new-service-'))
    // Without the settings of the npm that runs this proof: they are this repository's.
    const unset = `unset $(env | grep -o '^npm_[A-Za-z_]*')`
    const inHome = (...words: readonly string[]) => run('sh', '-c', `${unset}; cd "${home.path}" && ${words.join(' ')}`)
    const pack = async (...where: readonly string[]) =>
      (await run('npm', 'pack', '--silent', ...where, '--pack-destination', home.path)).trim()
    const packed = [await pack('--workspace', 'src/sdk'), await pack()].map((file) => `./${file}`)
    await inHome('npm init --yes && npm install --no-audit --no-fund --loglevel=error', ...packed)
    const seen: Record<string, unknown> = {}
    for (const template of ['api', 'consumer', 'job']) {
      const name = `demo-${template}`
      const ezone = `node node_modules/ezone/bin/run.js new service ${name} --template ${template} --check --json`
      const { data } = JSON.parse(await inHome(ezone))
      mustBe(data.installed && data.started && data.checked, `${name} is not sound: ${JSON.stringify(data)}`)
      const lock = JSON.parse(await readFile(join(home.path, name, 'package-lock.json'), 'utf8'))
      seen[template] = { files: data.files.length, packages: Object.keys(lock.packages).length - 1 }
    }
    return seen
  },
}
