/** Builds and signs transactions: looks up the sequence, the expiry and the gas limit. */
import type { Signer } from './account.js'
import { fromHex, toHex, toUtf8 } from './bytes.js'
import { addressText, getNextSequence, getParameters, getStatus, refused, simulate } from './client.js'
import { ProtocolError, RefusedError } from './errors.js'
import type { Client } from './rpc.js'
import {
  type Call, MEMO_BYTES_MAX, signTransaction, type SignedTransaction, type Transaction, TRANSACTION_VERSION, transactionId,
} from './transaction.js'

/** A transaction to build: its calls, and options where they differ from the defaults. */
export interface Draft {
  /** The calls: all of them happen, in order, or none does. */
  readonly calls: readonly Call[]
  /** A note for people. With a space and the tag it has at most 256 bytes. */
  readonly memo?: string
  /**
   * Names the transaction in place of a random tag at the end of its memo. Two drafts with the same key, sequence,
   * end of validity and gas limit are one transaction, which acts once. Everybody on the chain can read it.
   */
  readonly idempotencyKey?: string
  /** The lane; 0 by default. Lanes do not wait for each other; the state keeps each one that was used. */
  readonly lane?: number
  /** The sequence; the lane's next by default. */
  readonly sequence?: bigint
  /** How long it is valid, from the chain's time that the node reports, not from this machine's clock; 5 minutes by default. */
  readonly validForMs?: number
  /**
   * The last block time at which a block can hold it, in place of `validForMs`. It is only as right as the clock from
   * which it was computed: a clock that is ahead makes the transaction valid longer.
   */
  readonly validUntilMs?: number
  /** The gas limit; found by simulation by default. */
  readonly gasLimit?: bigint
  /** The number of keys that will sign, since each signature costs gas; 1 by default. */
  readonly signatures?: number
}

/** How long a transaction is valid by default: 5 minutes. */
export const VALID_FOR_MS = 5 * 60_000
/** The margin of the gas limit over the simulated gas, percent: the state may change. */
const GAS_MARGIN_PERCENT = 30n
/** The size of a signature in a transaction, bytes. */
const SIGNATURE_BYTES = 96n
/** The module of the chain itself. */
const KERNEL = 'kernel'
const GAS_MAX = 2n ** 64n - 1n
/** The number of random bytes of a tag. */
const TAG_BYTES = 8

/**
 * Completes a draft: sequence, validity and gas limit, where it does not set them. The sequence counts as
 * used; a transaction that is then not submitted leaves a gap in its lane, which `forgetSequence` closes.
 */
export async function buildTransaction(client: Client, sender: Uint8Array, draft: Draft): Promise<Transaction> {
  const transaction = await completeDraft(client, sender, draft)
  remember(client, transaction)
  return transaction
}

/**
 * As `buildTransaction`, for a transaction whose sequence is free for others at any time. With a signer, the gas limit of
 * calls of the kernel is simulated as well, which nodes do only for signed transactions.
 */
export async function completeDraft(client: Client, sender: Uint8Array, draft: Draft, signer?: Signer): Promise<Transaction> {
  const { calls, lane = 0, signatures = 1 } = draft
  const transaction: Transaction = {
    version: TRANSACTION_VERSION,
    chain: fromHex(client.chain.genesisHash, 32),
    sender,
    lane,
    sequence: draft.sequence ?? 0n,
    validUntilMs: draft.validUntilMs ?? (await laterBy(client, draft.validForMs ?? VALID_FOR_MS)),
    gasLimit: draft.gasLimit ?? GAS_MAX,
    calls,
    memo: taggedMemo(draft),
  }
  const gasLimit = draft.gasLimit ?? (await gasFor(client, transaction, signatures, signer))
  const sequence = draft.sequence ?? (await takeSequence(client, sender, lane))
  return { ...transaction, gasLimit, sequence }
}

/** Builds and signs a transaction with the lane's next sequence. Nothing is sent. */
export async function signNext(client: Client, signer: Signer, draft: Draft): Promise<SignedTransaction> {
  const signatures = draft.signatures ?? signer.keys.length
  const transaction = await completeDraft(client, signer.address, { ...draft, signatures }, signer)
  remember(client, transaction)
  return signTransaction(transaction, signer.keys)
}

async function laterBy(client: Client, ms: number): Promise<number> {
  const { chainTimeMs } = await getStatus(client)
  if (!(Number.isSafeInteger(chainTimeMs) && chainTimeMs >= 0)) throw new ProtocolError('the node does not report the time of the chain')
  return chainTimeMs + ms
}

async function gasFor(client: Client, transaction: Transaction, signatures: number, signer?: Signer): Promise<bigint> {
  const signed = transaction.calls.some((call) => call.module === KERNEL) && signer
  const { outcome, gasUsed } = await simulate(client, signed ? await signedToTry(client, signed, transaction) : transaction)
  if (outcome.status === 'failure') {
    const { error, ...data } = outcome
    throw new RefusedError(error == null ? data : { ...data, error })
  }
  let gas = gasUsed
  if (signatures > 1 && !signed) {
    const { parameters: { gas: prices } } = await getParameters(client)
    const each = BigInt(prices.transaction_byte) * SIGNATURE_BYTES + BigInt(prices.signature)
    gas += each * BigInt(signatures - 1)
  }
  return gas + (gas / 100n) * GAS_MARGIN_PERCENT
}

async function signedToTry(client: Client, signer: Signer, transaction: Transaction): Promise<SignedTransaction> {
  const { parameters: { transaction_gas_max: gasMax } } = await getParameters(client)
  return signTransaction({ ...transaction, gasLimit: BigInt(gasMax) }, signer.keys)
}

/** The memo with the tag that distinguishes the transaction from equal ones. */
function taggedMemo({ memo = '', idempotencyKey }: Draft): string {
  const tag = idempotencyKey ?? toHex(globalThis.crypto.getRandomValues(new Uint8Array(TAG_BYTES)))
  const tagged = `${memo}${memo === '' ? '' : ' '}#${tag}`
  const { length } = toUtf8(tagged)
  if (length > MEMO_BYTES_MAX) {
    throw refused('MALFORMED_TRANSACTION', `the memo and its tag have ${length} bytes; at most ${MEMO_BYTES_MAX} are allowed`)
  }
  return tagged
}

const SEQUENCES = /* @__PURE__ */ Symbol('sequences')
/** The largest number of lanes whose sequences a client caches. */
const LANES_MAX = 100_000

/** The next sequence of each lane, counted here so that transactions can be signed without asking the node between them. */
function sequencesOf(client: Client): Map<string, Promise<bigint>> {
  const lanes = (client.memory.get(SEQUENCES) ?? new Map()) as Map<string, Promise<bigint>>
  client.memory.set(SEQUENCES, lanes)
  return lanes
}

function takeSequence(client: Client, sender: Uint8Array, lane: number): Promise<bigint> {
  const [lanes, key] = [sequencesOf(client), `${toHex(sender)}/${lane}`]
  const taken = lanes.get(key) ?? getNextSequence(client, addressText(client, sender), lane)
  const next = taken.then((sequence) => sequence + 1n)
  if (lanes.size >= LANES_MAX) lanes.clear()
  lanes.set(key, next)
  next.catch(() => lanes.get(key) === next && lanes.delete(key))
  return taken
}

/** Asks the node for a lane's next sequence the next time, because one was not used. */
export function forgetSequence(client: Client, sender: Uint8Array, lane: number): void {
  sequencesOf(client).delete(`${toHex(sender)}/${lane}`)
}

const KNOWN = /* @__PURE__ */ Symbol('known')
/** The largest number of sequences whose transactions a client remembers; it forgets the oldest first. */
const KNOWN_MAX = 10_000

/** The transactions with one sequence: the only one that can act, '' for several, and until when; 0 if none can. */
type Known = Map<string, { readonly id: string; readonly untilMs: number }>

function knownOf(client: Client): Known {
  const known = (client.memory.get(KNOWN) ?? new Map()) as Known
  client.memory.set(KNOWN, known)
  return known
}

const slot = ({ sender, lane }: Transaction, sequence: bigint): string => `${toHex(sender)}/${lane}/${sequence}`

/**
 * Remembers a transaction that was signed elsewhere or earlier. If it expires, `settle` with a signer can use its
 * sequence for another transaction. Those that this client builds or submits are remembered anyway. `untilMs` is the block
 * time until which it, or another one with its sequence, can act: 0 for one that a node refused and nobody else has.
 */
export function remember(client: Client, transaction: Transaction, untilMs = transaction.validUntilMs): void {
  const known = knownOf(client)
  const [key, id] = [slot(transaction, transaction.sequence), transactionId(transaction)]
  const before = known.get(key)
  const isOnly = !before?.untilMs || before.id === id
  known.delete(key)
  const [oldest] = known.keys()
  if (known.size >= KNOWN_MAX && oldest) known.delete(oldest)
  known.set(key, isOnly ? { id, untilMs } : { id: '', untilMs: Math.max(before.untilMs, untilMs) })
}

/** The block time after which no transaction that this client knows with a sequence can act; `undefined` if it knows none. */
export const knownUntilMs = (client: Client, transaction: Transaction, sequence: bigint): number | undefined =>
  knownOf(client).get(slot(transaction, sequence))?.untilMs
