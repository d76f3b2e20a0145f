/**
 * Closes gaps in a lane: sequences whose transactions expired or were refused, for which later transactions wait.
 *
 * A gap is closed by a transaction that only reads, never by a payment that is built again: a payment after the gap can
 * still take effect, so a second one for the same purpose could take effect as well. The sequence of a gap is used only
 * if every transaction that is known to have it can never be in a block.
 */
import type { Signer } from './account.js'
import { completeDraft, gasUsedBy, knownUntilMs, withMargin } from './build.js'
import { toBase64 } from './bytes.js'
import { getParameters, getStatus, receiptView } from './client.js'
import { RefusedError } from './errors.js'
import { call, callOnce, type Client } from './rpc.js'
import { type Call, encodeSigned, signTransaction, type Transaction, transactionId } from './transaction.js'
import type { Fate } from './views.js'

/** A call that changes nothing: there is no proposal with the number 0. */
const NOTHING: Call = { module: 'kernel', function: 'get-proposal', arguments: new Uint8Array(8) }
/** The largest number of gaps that are closed before the fate is queried again. */
const GAPS_MAX = 1_000
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
  const { parameters } = await getParameters(client)
  const transaction = await completeDraft(client, signer.address, {
    calls: [NOTHING],
    memo: `uses sequence ${sequence} of lane ${lane}, whose transaction expired`,
    lane,
    sequence,
    gasLimit: BigInt(parameters['transaction_gas_max']),
  })
  // Nodes simulate calls of the kernel only if they are signed.
  const tried = toBase64(encodeSigned(await signTransaction(transaction, signer.keys)))
  const gas = gasUsedBy(receiptView(await call(client, 'tx_simulate', { transaction: tried })))
  const filler = await signTransaction({ ...transaction, gasLimit: withMargin(gas) }, signer.keys)
  try {
    await callOnce(client, 'tx_submit', { transaction: toBase64(encodeSigned(filler)) })
  } catch (error) {
    if (!(error instanceof RefusedError && CLOSED.includes(error.code))) throw error
  }
  return transactionId(filler.transaction)
}

const CLOSING = /* @__PURE__ */ Symbol('closing')

/** Closes the gaps before a pending transaction of the signer's account; `fate` queries it. */
export function closeGaps(client: Client, signer: Signer, transaction: Transaction, fate: () => Promise<Fate>): Promise<void> {
  const act = async (): Promise<void> => {
    for (let closed = 0; closed < GAPS_MAX; closed++) {
      const now = await fate()
      if (now.status !== 'pending' || now.missingSequence === undefined) return
      const untilMs = knownUntilMs(client, transaction, now.missingSequence)
      // Each later block has a later time than the head.
      if (untilMs === undefined || untilMs > (await getStatus(client)).timestampMs) return
      await fillSequence(client, signer, transaction.lane, now.missingSequence)
    }
  }
  // Of several that wait for the same gap, one closes it.
  const before = (client.memory.get(CLOSING) ?? Promise.resolve()) as Promise<void>
  const done = before.then(act)
  client.memory.set(CLOSING, done.catch(() => {}))
  return done
}
