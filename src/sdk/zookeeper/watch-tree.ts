import { ZookeeperError } from './errors.ts'
import { Level, type LevelOptions, type NodeWatch } from './level.ts'
import { limits } from './limits.ts'
import type { NodeValue } from './watch-node.ts'
import { readNode } from './watch-node.ts'
import type { Zookeeper } from './zookeeper.ts'

/** A node and all below it, by full path. */
export type Tree = ReadonlyMap<string, NodeValue>

/**
 * Delivers a node and all below it: at first, and again whenever anything in it has changed; in order, one after the other.
 * Only what changed is read again; after a reconnect all of it. A tree that is not there is empty. For trees of at most
 * some thousand small nodes: a larger one is TOO_LARGE.
 */
export function watchTree(
  zk: Zookeeper,
  path: string,
  onTree: (tree: Tree) => void | Promise<void>,
  options: LevelOptions = {},
): NodeWatch {
  let delivered: Tree | undefined
  const level = new Level(
    zk,
    { path, recursive: true },
    async ({ all, paths }, signal) => {
      const tree =
        all || delivered === undefined ? await readTree(zk, path, signal) : await renewed(zk, delivered, paths, signal)
      if (signal.aborted || (delivered !== undefined && same(tree, delivered))) return
      await onTree(tree)
      delivered = tree
    },
    options,
  )
  return level
}

async function readTree(zk: Zookeeper, root: string, signal: AbortSignal): Promise<Tree> {
  const tree = new Map<string, NodeValue>()
  const visit = async (path: string): Promise<void> => {
    const value = await readNode(zk, path, signal)
    if (value === null) return
    keep(tree, path, value)
    if (value.stat.children === 0) return
    const { names } = await zk.getChildren(path, { signal }).catch(goneIsEmpty)
    await Promise.all(names.map((name) => visit(path === '/' ? `/${name}` : `${path}/${name}`)))
  }
  await visit(root)
  return tree
}

/** Every node that came or went has an event of its own, so children need not be listed. */
async function renewed(zk: Zookeeper, old: Tree, paths: ReadonlySet<string>, signal: AbortSignal): Promise<Tree> {
  const tree = new Map(old)
  await Promise.all(
    [...paths].map(async (path) => {
      const value = await readNode(zk, path, signal)
      if (value === null) tree.delete(path)
      else keep(tree, path, value)
    }),
  )
  return tree
}

function keep(tree: Map<string, NodeValue>, path: string, value: NodeValue): void {
  tree.set(path, value)
  if (tree.size > limits.treeNodesMax)
    throw new ZookeeperError('TOO_LARGE', `a watched tree of more than ${limits.treeNodesMax} nodes`, { path })
}

function goneIsEmpty(error: unknown): { readonly names: readonly string[] } {
  if (ZookeeperError.is(error, 'NO_NODE')) return { names: [] }
  throw error
}

const same = (a: Tree, b: Tree) =>
  a.size === b.size &&
  [...a].every(([path, { stat }]) => {
    const other = b.get(path)?.stat
    return other?.czxid === stat.czxid && other.mzxid === stat.mzxid
  })
