/** Proofs of inclusion in a Merkle tree (RFC 6962). */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, equal } from './bytes.js'

/** The path from a leaf to the root of a Merkle tree (RFC 6962, section 2.1). */
export interface InclusionProof {
  /** The leaf's position, from 0. */
  readonly index: number
  /** The sibling hashes, from the leaf upwards. */
  readonly path: readonly Uint8Array[]
}

const leafHash = (leaf: Uint8Array): Uint8Array => sha256(concat(Uint8Array.of(0), leaf))
const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concat(Uint8Array.of(1), left, right))

/** The root over the leaves. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves.map(leafHash)
  if (level.length === 0) return sha256(new Uint8Array())
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let at = 0; at < level.length; at += 2) {
      const right = level[at + 1]
      next.push(right === undefined ? level[at]! : nodeHash(level[at]!, right))
    }
    level = next
  }
  return level[0]!
}

/**
 * Whether `leaf` is at the proof's position of the tree with this root and number of leaves, which must come
 * from a trusted place such as a verified header.
 */
export function verifyInclusion(
  root: Uint8Array,
  leaves: number,
  leaf: Uint8Array,
  proof: InclusionProof,
): boolean {
  if (!Number.isSafeInteger(proof.index) || proof.index < 0 || proof.index >= leaves) return false
  let [position, last, at] = [proof.index, leaves - 1, 0]
  let hash = leafHash(leaf)
  while (last > 0) {
    const isRight = position % 2 === 1
    if (isRight || position < last) {
      const sibling = proof.path[at++]
      if (sibling?.length !== 32) return false
      hash = isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    }
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  return at === proof.path.length && equal(hash, root)
}
