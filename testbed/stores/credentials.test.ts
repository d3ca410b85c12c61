import { createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { expect, it } from 'vitest'
import { credentialsSchema, makeCredentials } from './credentials.ts'

const made = await makeCredentials({ clock: systemClock, random: randomBytes })

it('makes credentials that can be stored as JSON and read back', () => {
  expect(credentialsSchema.parse(JSON.parse(JSON.stringify(made)))).toEqual(made)
})

it('makes every secret anew, for every account and every testbed', async () => {
  const other = await makeCredentials({ clock: systemClock, random: randomBytes })
  const secrets = [made, other].flatMap(({ mysql, redis, secret, tls }) => [
    mysql.root.password,
    mysql.replication.password,
    mysql.app.password,
    mysql.rsa.privateKey,
    redis.password,
    secret,
    tls.privateKey,
  ])
  expect(new Set(secrets).size).toBe(secrets.length)
})

it('makes secrets that need no quoting in a URL, a shell or a configuration file', () => {
  for (const secret of [made.mysql.root.password, made.redis.password, made.secret])
    expect(secret).toMatch(/^[\w-]{32,}$/)
})

it('makes a certificate that is signed by its own key and valid now', () => {
  const certificate = new X509Certificate(made.tls.certificate)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.checkPrivateKey(createPrivateKey(made.tls.privateKey))).toBe(true)
  expect(certificate.validFromDate.getTime()).toBeLessThan(systemClock.nowMs())
  expect(certificate.validToDate.getTime()).toBeGreaterThan(systemClock.nowMs())
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
})

it('makes an RSA pair whose halves belong together', () => {
  const publicHalf = createPublicKey(made.mysql.rsa.privateKey).export({ type: 'spki', format: 'pem' })
  expect(publicHalf).toBe(made.mysql.rsa.publicKey)
})
