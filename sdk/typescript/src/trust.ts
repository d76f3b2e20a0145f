/** Verifies a node's responses with the trusted validators. */
import {
  checkValidators, type CommitCertificate, type Header, HEADER_FIELDS, headerHash, type Validator, validatorsHash,
  verifyCertificate,
} from './block.js'
import { checkName } from './borsh.js'
import { equal, fromHex, fromRpcBytes, toHex } from './bytes.js'
import { decimal } from './client.js'
import { EhbError, ProofError } from './errors.js'
import { verifyInclusion } from './merkle.js'
import { decodeReceipt, type Receipt } from './receipt.js'
import { call, type Client, sleep } from './rpc.js'
import { moduleKey, verifyState } from './state.js'
import type { At, ReceiptProofView, SignedHeaderView, StateProofView, ValidatorView } from './views.js'

/** The trusted validators of a chain. `advance` returns the next trust where they change. */
export interface Trust {
  /** The genesis hash, which every signature covers. */
  readonly chain: Uint8Array
  readonly validators: readonly Validator[]
}

/** Trusts the validators of a chain; genesis hash and set must come from a trusted place. */
export function trustValidators(genesisHash: string, validators: readonly ValidatorView[]): Trust {
  return { chain: fromHex(genesisHash, 32), validators: validatorSet(validators) }
}

/** The validator set in a response. */
export function validatorSet(views: readonly ValidatorView[]): readonly Validator[] {
  return proving('the validators in the answer are malformed', () =>
    checkValidators(
      views.map(({ name, consensusKey, nodeKey, power }) => ({
        name: checkName(name),
        consensusKey: fromHex(consensusKey, 32),
        nodeKey: fromHex(nodeKey, 32),
        power: decimal(power),
      })),
    ),
  )
}

/** A response that is an object. */
function checkShape(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) throw new ProofError('the node answered something else than a proof')
}

/** Any error in reading a response means that it proves nothing. */
export function proving<T>(problem: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProofError) throw error
    throw new ProofError(`${problem}: ${error instanceof EhbError ? error.message : 'it has another form'}`)
  }
}

/** The header in a response. */
export function headerOf(view: SignedHeaderView['header']): Header {
  return proving('the header in the answer is malformed', () => {
    const fields = HEADER_FIELDS.map(([name, form]) => {
      const value = view[name]
      return [name, form === 'hash' ? fromHex(value as string, 32) : whole(value, form)]
    })
    return Object.fromEntries(fields) as Header
  })
}

/** A whole number of at most `bits` bits, and at most 2^53 - 1. */
export function whole(value: unknown, bits = 64): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) >= 2 ** bits) {
    throw new ProofError(`a number of ${bits} bits is expected`)
  }
  return value as number
}

function certificateOf(view: SignedHeaderView['certificate']): CommitCertificate {
  if (view == null) throw new ProofError('the header comes without a certificate')
  return proving('the certificate in the answer is malformed', () => ({
    height: whole(view.height),
    round: whole(view.round, 32),
    block: fromHex(view.block, 32),
    signatures: view.signatures.map((it) => ({
      validator: whole(it.validator, 16),
      signature: fromHex(it.signature, 64),
    })),
  }))
}

/** Checks that the trusted validators decided a header, and returns it. */
export async function verifyHeader(trust: Trust, answer: SignedHeaderView): Promise<Header> {
  checkShape(answer)
  const header = headerOf(answer.header)
  const [actual, claimed] = proving('the header in the answer is malformed', () => [
    headerHash(header),
    fromHex(answer.hash, 32),
  ]) as [Uint8Array, Uint8Array]
  if (!equal(actual, claimed)) throw new ProofError("the header's hash is not the one that the answer says")
  if (!equal(header.chain, trust.chain)) throw new ProofError('the header belongs to another chain')
  const trusted = validatorsHash(trust.validators)
  if (!equal(header.validators, trusted) || !equal(validatorsHash(validatorSet(answer.validators)), trusted)) {
    throw new ProofError('the header was decided by validators that are not the trusted ones')
  }
  const certificate = certificateOf(answer.certificate)
  const decides = certificate.height === header.height && equal(certificate.block, actual)
  if (!decides || certificate.round < header.round) throw new ProofError('the certificate is for another block')
  await verifyCertificate(trust.chain, trust.validators, certificate)
  return header
}

/**
 * Checks a header as `verifyHeader` does, and returns the trust in the validators of the next height. `next` can
 * come from anybody, since the header carries the set's hash. Headers whose `nextValidators` is their
 * `validators` can be skipped.
 */
export async function advance(
  trust: Trust,
  answer: SignedHeaderView,
  next: readonly ValidatorView[],
): Promise<{ header: Header; trust: Trust }> {
  const header = await verifyHeader(trust, answer)
  const validators = validatorSet(next)
  if (!equal(validatorsHash(validators), header.nextValidators)) {
    throw new ProofError('the validators given are not those that the header names for the next height')
  }
  return { header, trust: { chain: trust.chain, validators } }
}

/** Checks that a header is the one above a height: it has the roots after that height's block. */
function checkAbove(header: Header, height: number): void {
  if (header.height - 1 !== height) {
    throw new ProofError(`the proof needs the header at height ${height + 1}, and this is ${header.height}`)
  }
}

/** Checks the receipt of a transaction; `next` is the header one above the transaction's height. */
export async function verifyReceipt(
  trust: Trust,
  id: string,
  answer: ReceiptProofView,
  next: SignedHeaderView,
): Promise<Receipt> {
  checkShape(answer)
  const receipt = receiptUnder(await verifyHeader(trust, next), answer)
  if (receipt.transaction !== id) throw new ProofError(`the receipt is that of the transaction ${receipt.transaction}`)
  return receipt
}

/** Checks a receipt under a header that was checked. */
export function receiptUnder(header: Header, answer: ReceiptProofView): Receipt {
  checkAbove(header, answer.height)
  const [leaf, proof] = proving('the proof in the answer is malformed', () => [
    fromRpcBytes(answer.receipt),
    { index: whole(answer.proof.index), path: answer.proof.path.map((it) => fromHex(it, 32)) },
  ]) as [Uint8Array, { index: number; path: Uint8Array[] }]
  const isProven = verifyInclusion(header.receiptsRoot, header.receiptsCount, leaf, proof)
  if (!isProven || proof.index !== answer.index) {
    throw new ProofError("the receipt is not under the header's receipts root")
  }
  return proving('the receipt is malformed', () => decodeReceipt(leaf))
}

/** Checks an entry of the state, or its absence (`null`); `next` is the header one above its height. */
export async function verifyEntry(
  trust: Trust,
  key: Uint8Array,
  answer: StateProofView,
  next: SignedHeaderView,
): Promise<Uint8Array | null> {
  checkShape(answer)
  const entry = entryUnder(await verifyHeader(trust, next), answer)
  if (!equal(entry.key, key)) throw new ProofError('the answer is about another key')
  return entry.value
}

/** Checks an entry of the state, or its absence (`null`), under a header that was checked. */
export function entryUnder(header: Header, answer: StateProofView): { key: Uint8Array; value: Uint8Array | null } {
  const bytes = (text: string): Uint8Array => fromHex(text, 32)
  const { key, value, proof } = proving('the proof in the answer is malformed', () => {
    const { siblings, other } = answer.proof
    return {
      key: fromRpcBytes(answer.key),
      value: answer.value === null ? null : fromRpcBytes(answer.value),
      proof: {
        siblings: siblings.map(bytes),
        other: other === null ? null : { key: bytes(other.key), value: bytes(other.value) },
      },
    }
  })
  checkAbove(header, answer.height)
  if (!verifyState(header.stateRoot, key, value, proof)) {
    throw new ProofError("the entry is not under the header's state root")
  }
  return { key, value }
}

/** The pause before a header is requested again, milliseconds. */
const ASK_AGAIN_MS = 50

/** The header at a height, once it is decided. An idle chain decides one each heartbeat. */
export async function getHeader(client: Client, height: number, timeoutMs = 30_000): Promise<SignedHeaderView> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await call<SignedHeaderView>(client, 'chain_getHeader', { at: height })
    } catch (error) {
      const isMissing = error instanceof EhbError && error.code === 'NOT_FOUND'
      if (!isMissing || Date.now() >= deadline) throw error
    }
    await sleep(ASK_AGAIN_MS)
  }
}

/** The receipt of a final transaction, proven by the trusted validators. Waits for the next header, which carries the root. */
export async function getProvenReceipt(client: Client, trust: Trust, id: string, timeoutMs?: number): Promise<Receipt> {
  const proof = await call<ReceiptProofView>(client, 'tx_getProof', { id })
  return verifyReceipt(trust, id, proof, await getHeader(client, whole(proof?.height) + 1, timeoutMs))
}

/** An entry of a module's storage in a state, by default the head's, or its absence (`null`), proven by the trusted validators. */
export async function getProvenEntry(
  client: Client,
  trust: Trust,
  module: string,
  key: Uint8Array,
  options: { at?: At; timeoutMs?: number } = {},
): Promise<Uint8Array | null> {
  const { at, timeoutMs } = options
  const full = moduleKey(module, key)
  const text = `0x${toHex(full)}`
  const proof = await call<StateProofView>(client, 'state_getProof', { key: { key: text }, ...(at !== undefined && { at }) })
  return verifyEntry(trust, full, proof, await getHeader(client, whole(proof?.height) + 1, timeoutMs))
}
