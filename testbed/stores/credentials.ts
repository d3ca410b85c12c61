import { generateKeyPair, webcrypto } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@ezone/sdk/model'
import { z } from 'zod'

const account = z.strictObject({ user: z.string().min(1), password: z.string().min(16) })
const pem = z.string().startsWith('-----BEGIN ')

/** The secrets of one testbed. Kept in its state folder with mode 0600; shown by `ezone status --env` alone. */
export const credentialsSchema = z.strictObject({
  mysql: z.strictObject({
    /** May do everything: for the testbed itself and for its owner. */
    root: account,
    /** Reads binlogs. */
    replication: account,
    /** What services log in as: their own schemas, no administration. */
    app: account,
    /** The keeper of the fence rows, which no service may touch. */
    fence: account,
    /** The replication between zones: writes under a GTID tag of its own. */
    drc: account,
    /** With it a client without TLS hands over its password encrypted (caching_sha2_password). */
    rsa: z.strictObject({ privateKey: pem, publicKey: pem }),
  }),
  redis: z.strictObject({ password: z.string().min(16) }),
  /** Signs the internal tag between router and services. */
  secret: z.string().min(32),
  /** EC P-256, self-signed: traffic of the global ensemble between places, and TLS of MySQL for clients that want it. */
  tls: z.strictObject({ certificate: pem, privateKey: pem }),
})

export type Credentials = z.output<typeof credentialsSchema>
export type Account = Credentials['mysql']['app']

export interface Chance {
  readonly clock: Clock
  /** Unpredictable bytes: `randomBytes` of node:crypto. */
  readonly random: (bytes: number) => Uint8Array
}

/** Makes the secrets of a new testbed; takes a tenth of a second, for two key pairs. */
export async function makeCredentials({ clock, random }: Chance): Promise<Credentials> {
  // 24 bytes as base64url: no character that a URL, a shell or a configuration file would need quoted.
  const secret = (bytes = 24) => Buffer.from(random(bytes)).toString('base64url')
  const [rsa, tls] = await Promise.all([makeRsa(), makeCertificate({ clock, random })])
  return {
    mysql: {
      root: { user: 'root', password: secret() },
      replication: { user: 'replication', password: secret() },
      app: { user: 'ezone', password: secret() },
      fence: { user: 'fence', password: secret() },
      drc: { user: 'drc', password: secret() },
      rsa,
    },
    redis: { password: secret() },
    secret: secret(32),
    tls,
  }
}

function makeRsa(): Promise<{ privateKey: string; publicKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

const dayMs = 24 * 3600 * 1000
const yearsValid = 10

async function makeCertificate({ clock, random }: Chance): Promise<Credentials['tls']> {
  // Imported here: only the first start of a testbed needs it. The polyfill must come first.
  await import('reflect-metadata')
  const { X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    // A leading zero keeps the number positive, as X.509 wants it.
    serialNumber: `00${Buffer.from(random(16)).toString('hex')}`,
    name: 'CN=ezone testbed',
    // A day earlier, for clocks that a test has set back.
    notBefore: new Date(clock.nowMs() - dayMs),
    notAfter: new Date(clock.nowMs() + yearsValid * 365 * dayMs),
    signingAlgorithm: algorithm,
    keys,
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`,
  }
}
