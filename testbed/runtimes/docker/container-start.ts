import { createServer } from 'node:net'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import type { Spec } from '../../topology/blueprint.ts'
import { removeContainers } from './container-end.ts'
import type { ContainerPlan } from './containers.ts'
import { type FoundContainer, inspect } from './containers-found.ts'
import type { Engine } from './engine.ts'
import { labels } from './labels.ts'
import { statusOf } from './refusals.ts'

/** Makes the container, joins its networks and starts it. What fails half-way is removed again. */
export async function startContainer(
  engine: Engine,
  plan: ContainerPlan,
  spec: Spec,
  signal: AbortSignal,
): Promise<FoundContainer> {
  signal.throwIfAborted()
  // Not interrupted: a creation given up half-way is finished by the engine all the same, when nobody looks any more.
  const always = new AbortController().signal
  const id = await create(engine, plan, always)
  try {
    signal.throwIfAborted()
    for (const { network, endpoint } of plan.join) {
      await engine.call(`join ${plan.create.name} to network ${network}`, signal, (docker, abortSignal) =>
        docker.getNetwork(network).connect({ Container: id, EndpointConfig: endpoint, abortSignal } as object),
      )
    }
    await engine.call(`start container ${plan.create.name}`, signal, (docker, abortSignal) =>
      docker.getContainer(id).start({ abortSignal }),
    )
    const started = await inspect(engine, id, signal)
    if (started === null)
      throw new EzoneError('EZ_SERVER_DIED', `the container of ${spec.id} was removed by somebody else`)
    return started
  } catch (error) {
    await removeContainers(engine, [id], always)
    throw (await portTaken(spec, error)) ?? error
  }
}

async function create(engine: Engine, plan: ContainerPlan, signal: AbortSignal): Promise<string> {
  const { name } = plan.create
  try {
    const container = await engine.call(`create container ${name}`, signal, (docker, abortSignal) =>
      docker.createContainer({ ...plan.create, abortSignal }),
    )
    return container.id
  } catch (error) {
    if (statusOf(error) !== 409) throw error
    throw await nameTaken(engine, name, error, signal)
  }
}

async function nameTaken(engine: Engine, name: string, cause: unknown, signal: AbortSignal): Promise<EzoneError> {
  const other = await engine.find(`inspect container ${name}`, signal, (docker, abortSignal) =>
    docker.getContainer(name).inspect({ abortSignal }),
  )
  const owner = other?.Config.Labels[labels.testbed]
  const whose = owner === undefined ? 'a container that is not of ezone' : `testbed ${owner}`
  return new EzoneError('EZ_DOCKER_TAKEN', `the container name ${name} is used by ${whose}`, { cause })
}

/** The engine says only in prose that a port is taken; whether it is, the kernel tells by a code. */
async function portTaken(spec: Spec, cause: unknown): Promise<EzoneError | null> {
  if (statusOf(cause) !== 500) return null
  const taken: string[] = []
  for (const { host } of spec.ports) if (await isTaken(host)) taken.push(`${host.host}:${host.port}`)
  if (taken.length === 0) return null
  return new EzoneError('EZ_PORT_TAKEN', `${spec.id} cannot listen on ${taken.join(', ')}: another program does`, {
    cause,
  })
}

function isTaken({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)))
  })
}
