/** Proofs of what the state contains. */
import { checkName } from './borsh.js'
import { concat, equal, toUtf8 } from './bytes.js'
import { hash, pairHasher } from './hash.js'

/** A proof under a state root: the value of a key, or its absence. */
export interface StateProof {
  /** The sibling hashes from the end of the key's path up to the root; zeros for empty subtrees. */
  readonly siblings: readonly Uint8Array[]
  /** For an absent key, the only leaf on its path, which is another key's. */
  readonly other: { readonly key: Uint8Array; readonly value: Uint8Array } | null
}

/** The largest number of siblings of a proof: the bits of a path. */
const SIBLINGS_MAX = 256

/** A module's key in the whole state: `m/`, the module's name, `/`, the key. */
export function moduleKey(module: string, key: Uint8Array): Uint8Array {
  return concat(toUtf8(`m/${checkName(module)}/`), key)
}

/** The direction of a path at a level: true is right. */
const turn = (path: Uint8Array, depth: number): boolean => ((path[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1

/** Whether the state with this root has `value` under `key`, or no value where it is `null`. */
export function verifyState(
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array | null,
  proof: StateProof,
): boolean {
  const { siblings, other } = proof
  const depth = siblings.length
  if (depth > SIBLINGS_MAX || siblings.some((sibling) => sibling.length !== 32)) return false
  const path = hash('stateKey', key)
  const leafHash = pairHasher('stateLeaf')
  let top: Uint8Array
  if (value !== null) {
    if (other !== null) return false
    top = leafHash(path, hash('stateValue', value))
  } else if (other === null) {
    top = new Uint8Array(32)
  } else {
    if (other.key.length !== 32 || other.value.length !== 32 || equal(other.key, path)) return false
    for (let at = 0; at < depth; at++) if (turn(path, at) !== turn(other.key, at)) return false
    top = leafHash(other.key, other.value)
  }
  const nodeHash = pairHasher('stateNode')
  siblings.forEach((sibling, index) => {
    top = turn(path, depth - 1 - index) ? nodeHash(sibling, top) : nodeHash(top, sibling)
  })
  return equal(top, root)
}
