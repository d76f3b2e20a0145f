/**
 * Closes gaps in a lane: sequences whose transactions expired or were refused, for which later transactions wait.
 *
 * A gap is closed by a transaction that only reads, never by a payment that is built again: a payment after the gap can
 * still take effect, so a second one for the same purpose could take effect as well. The sequence of a gap is used only
 * if every transaction that is known to have it can never be in a block.
 */
import type { Signer } from './account.js'
import { completeDraft, knownUntilMs } from './build.js'
import { toBase64 } from './bytes.js'
import { getStatus } from './client.js'
import { RefusedError } from './errors.js'
import { callOnce, type Client } from './rpc.js'
import { type Call, encodeSigned, signTransaction, type Transaction, transactionId } from './transaction.js'

/** A call that changes nothing: there is no proposal with the number 0. */
const NOTHING: Call = { module: 'kernel', function: 'get-proposal', arguments: new Uint8Array(8) }
/** Where another transaction has the sequence, the gap is closed. */
const CLOSED = ['ALREADY_KNOWN', 'SEQUENCE_PENDING', 'SEQUENCE_USED']

/**
 * Uses a sequence of the signer's account for a transaction that changes nothing, so that those after it can run.
 * Returns its id, without waiting until it is final. It is no error if another transaction with the sequence is pending
 * or final.
 *
 * At most one transaction with a sequence takes effect: this never makes anything happen twice, but another transaction
 * with the sequence that was not final yet can be superseded.
 */
export async function fillSequence(client: Client, signer: Signer, lane: number, sequence: bigint): Promise<string> {
  const draft = { calls: [NOTHING], memo: 'closes a gap', lane, sequence }
  const filler = await signTransaction(await completeDraft(client, signer.address, draft, signer), signer.keys)
  try {
    await callOnce(client, 'tx_submit', { transaction: toBase64(encodeSigned(filler)) })
  } catch (error) {
    if (!(error instanceof RefusedError && CLOSED.includes(error.code))) throw error
  }
  return transactionId(filler.transaction)
}

/** Closes the gap before a transaction of the signer's account, if it is certain that it is one. Returns whether it is. */
export async function closeGap(client: Client, signer: Signer, transaction: Transaction, missing: bigint): Promise<boolean> {
  const untilMs = knownUntilMs(client, transaction, missing)
  // Each later block has a later time than the head.
  if (untilMs === undefined || untilMs > (await getStatus(client)).timestampMs) return false
  await fillSequence(client, signer, transaction.lane, missing)
  return true
}
