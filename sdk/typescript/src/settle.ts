/** Submits transactions, and finds out their fate; `gaps.ts` closes gaps before them. */
import type { Signer } from './account.js'
import { type Draft, forgetSequence, remember, signNext } from './build.js'
import { equal, toBase64 } from './bytes.js'
import { decimal, locatedReceipt } from './client.js'
import {
  EhbError, ExpiredError, FailedError, OutcomeUnknownError, ProtocolError, RefusedError, SupersededError,
  UnreachableError,
} from './errors.js'
import { closeGap } from './gaps.js'
import { callOnce, type Client, failOver, hasBetter, pause, sleep } from './rpc.js'
import { encodeSigned, type SignedTransaction, transactionId } from './transaction.js'
import type { ErrorData, Fate, LocatedReceipt } from './views.js'

/**
 * The fate of a transaction. All but `unknown` are certain and never change. While it is unknown, only the same
 * transaction can be submitted again safely: another one for the same purpose could take effect as well.
 */
export type Outcome =
  | { readonly status: 'final'; readonly receipt: LocatedReceipt }
  | { readonly status: 'failed'; readonly receipt: LocatedReceipt }
  | { readonly status: 'superseded'; readonly by: string | null }
  | { readonly status: 'expired' }
  | { readonly status: 'unknown'; readonly reason: string }

/**
 * How long the first request for a fate waits, milliseconds. Each later one waits twice as long: what the transaction
 * waits for can change, and another node can be ready while this one is not.
 */
const WAIT_FIRST_MS = 500
/** The same after a gap was closed: there can be another one. */
const CLOSED_MS = 25
/** The longest such wait, milliseconds. */
const WAIT_STEP_MS = 3_000
/** How long a response may take beyond its wait, milliseconds. */
const ANSWER_MARGIN_MS = 5_000
const PAUSE_FIRST_MS = 50
const PAUSE_MAX_MS = 2_000
/** The default timeout of a wait for a fate: 60 seconds. */
export const SETTLE_MS = 60_000
/** The pauses of `execute` before it tries another sequence: the programs that compete for one take turns. */
const SEQUENCE_PAUSES = { pauseFirstMs: 20, pauseMaxMs: 1_000 }

/**
 * Submits a transaction and returns its id. It is no error if the node has it already, or if it is final.
 * Errors: `RefusedError`, and then this node does not have it; `OutcomeUnknownError` where it may have arrived.
 */
export async function submit(client: Client, signed: SignedTransaction, timeoutMs?: number): Promise<string> {
  const id = transactionId(signed.transaction)
  // Before the request: a transaction that cannot be encoded was certainly never sent.
  const transaction = toBase64(encodeSigned(signed))
  remember(client, signed.transaction)
  try {
    await callOnce(client, 'tx_submit', { transaction }, timeoutMs)
    return id
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'ALREADY_KNOWN') return id
    if (error instanceof RefusedError && error.code === 'SEQUENCE_USED') return await unlessFinal(client, signed, error)
    const neverSent = error instanceof UnreachableError && error.neverSent
    if (!isRefusal(error) && !neverSent) throw new OutcomeUnknownError(id, (error as Error).message)
    forget(client, signed)
    throw error
  }
}

/** After a node's stop or failure the outcome is unknown: it may have gossiped the transaction before. */
const SAYS_NOTHING = ['INTERNAL', 'TIMEOUT']

function isRefusal(error: unknown): boolean {
  return error instanceof RefusedError && !SAYS_NOTHING.includes(error.code)
}

/** A used sequence may be used by this transaction itself: then it was submitted before. */
async function unlessFinal(client: Client, signed: SignedTransaction, refusal: RefusedError): Promise<string> {
  const id = transactionId(signed.transaction)
  const said = await follow(client, { id, signed }, Date.now())
  if (said.status === 'final' || said.status === 'failed') return id
  if (said.status === 'silent') throw new OutcomeUnknownError(id, said.reason)
  forget(client, signed)
  throw refusal
}

/** The result for one transaction of a batch. */
export type SubmitResult = { readonly id: string } | { readonly error: ErrorData }

/**
 * Submits up to 1,000 transactions in one request; the results are in their order. An error of the request leaves
 * the outcome of each unknown, unless it is a `RefusedError`.
 */
export async function submitBatch(client: Client, signed: readonly SignedTransaction[]): Promise<SubmitResult[]> {
  const transactions = signed.map((it) => toBase64(encodeSigned(it)))
  const results = await callOnce<SubmitResult[]>(client, 'tx_submitBatch', { transactions })
  if (!Array.isArray(results) || results.length !== signed.length) {
    throw new ProtocolError('the node answered another number of results than transactions')
  }
  return results
}

/** The fate of a transaction as the node knows it now. With the transaction itself, every node can say for certain that it is superseded or expired. */
export async function getFate(client: Client, id: string, signed?: SignedTransaction): Promise<Fate> {
  return fateOf(await callOnce(client, 'tx_get', { id, ...content(signed) }), id)
}

/**
 * Finds out the fate of a transaction that may have been submitted before. As long as no node has it and its fate
 * is open, the same bytes are submitted again, so that it becomes final or expires.
 *
 * A transaction after one of its lane that expired waits until another one uses that sequence. With the `signer` of the
 * account, `fillSequence` uses it, as far as it is certain that the transaction with it expired; see `remember`.
 */
export function settle(client: Client, signed: SignedTransaction, timeoutMs = SETTLE_MS, signer?: Signer): Promise<Outcome> {
  return settleBy(client, followed(signed, signer), Date.now() + timeoutMs, false)
}

/**
 * Submits a transaction that was never submitted before, and waits until its fate is certain, as `settle`. Errors:
 * it was refused, or never sent, and nothing was changed.
 */
export async function send(client: Client, signed: SignedTransaction, timeoutMs = SETTLE_MS, signer?: Signer): Promise<Outcome> {
  const deadline = Date.now() + timeoutMs
  try {
    await submit(client, signed, Math.min(timeoutMs, client.patience.silenceMs))
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error
    return settleBy(client, followed(signed, signer), deadline, false)
  }
  return settleBy(client, followed(signed, signer), deadline, true)
}

/** The result of `execute`. */
export interface Executed {
  readonly id: string
  readonly signed: SignedTransaction
  readonly outcome: Outcome
}

/**
 * Builds, signs and submits, and waits until the fate is certain. Where another client of the account used the
 * sequence, which is then certain, it retries with the next one until the timeout. Gaps in the lane are closed as by
 * `settle`. Errors: the transaction was refused, and nothing was changed.
 *
 * An `unknown` outcome can still become final, so a second `execute` could take effect twice: keep `signed`, and call
 * `settle` with it until the outcome is certain.
 */
export async function execute(client: Client, signer: Signer, draft: Draft, timeoutMs = SETTLE_MS): Promise<Executed> {
  const deadline = Date.now() + timeoutMs
  for (let taken = 1; ; taken++) {
    const canTryAgain = draft.sequence === undefined && Date.now() < deadline
    const signed = await signNext(client, signer, draft)
    try {
      const outcome = await send(client, signed, timeoutMs, signer)
      const isTaken = outcome.status === 'superseded' && canTryAgain
      if (!isTaken) return { id: transactionId(signed.transaction), signed, outcome }
    } catch (error) {
      const isRefused = error instanceof RefusedError
      const isTaken = isRefused && (error.code === 'SEQUENCE_USED' || error.code === 'SEQUENCE_PENDING')
      // Nobody else will get it: those after it need not wait until it expires. If another one has its sequence, that one
      // can act for a time that is not known.
      if (isRefused || error instanceof UnreachableError) remember(client, signed.transaction, isTaken ? Infinity : 0)
      if (!canTryAgain || !isTaken) throw error
    }
    await pause({ ...client.patience, ...SEQUENCE_PAUSES }, taken)
  }
}

/** The receipt of a transaction that took effect; every other outcome is thrown as its own error. */
export function expectFinal({ id, outcome }: Pick<Executed, 'id' | 'outcome'>): LocatedReceipt {
  switch (outcome.status) {
    case 'final':
      return outcome.receipt
    case 'failed':
      throw new FailedError(outcome.receipt)
    case 'superseded':
      throw new SupersededError(id, outcome.by)
    case 'expired':
      throw new ExpiredError(id)
    default:
      throw new OutcomeUnknownError(id, outcome.reason)
  }
}

/** Waits until the fate of a transaction is certain, by its id alone. With the transaction itself use `settle`. */
export async function waitFor(client: Client, id: string, timeoutMs = SETTLE_MS): Promise<Outcome> {
  const deadline = Date.now() + timeoutMs
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    const said = await follow(client, { id }, deadline)
    if (isCertain(said)) return said
    if (said.status === 'silent') await failOver(client)
    if (Date.now() + pauseMs >= deadline) return { status: 'unknown', reason: said.reason }
    await sleep(pauseMs)
  }
}

/** The transaction whose fate is queried: itself where it is known, and who can close gaps before it. */
interface Followed {
  readonly id: string
  readonly signed?: SignedTransaction
  readonly signer?: Signer | undefined
}

interface FollowedWhole extends Followed {
  readonly signed: SignedTransaction
}

function followed(signed: SignedTransaction, signer?: Signer): FollowedWhole {
  // Keys close gaps only in the lanes of their own account.
  const isOwn = signer !== undefined && equal(signer.address, signed.transaction.sender)
  return { id: transactionId(signed.transaction), signed, signer: isOwn ? signer : undefined }
}

/** A node's response about a transaction: its certain fate, or why it is unknown. */
type Said =
  | Exclude<Outcome, { status: 'unknown' }>
  | { readonly status: 'pending' | 'gone' | 'silent'; readonly reason: string }

function isCertain(said: Said): said is Exclude<Outcome, { status: 'unknown' }> {
  return said.status !== 'pending' && said.status !== 'gone' && said.status !== 'silent'
}

async function settleBy(
  client: Client,
  whole: FollowedWhole,
  deadline: number,
  isSubmitted: boolean,
): Promise<Outcome> {
  const { signed } = whole
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    const said = await submitAndFollow(client, whole, deadline, isSubmitted)
    isSubmitted = false
    if (isCertain(said)) {
      if (said.status === 'superseded' || said.status === 'expired') forget(client, signed)
      return said
    }
    if (said.status === 'silent') await failOver(client)
    if (Date.now() + pauseMs >= deadline) {
      forget(client, signed)
      return { status: 'unknown', reason: said.reason }
    }
    await sleep(pauseMs)
  }
}

async function submitAndFollow(
  client: Client,
  whole: FollowedWhole,
  deadline: number,
  isSubmitted: boolean,
): Promise<Said> {
  let refusal: string | undefined
  if (!isSubmitted) {
    try {
      const left = Math.max(1, deadline - Date.now())
      await submit(client, whole.signed, Math.min(left, client.patience.silenceMs))
    } catch (error) {
      if (error instanceof OutcomeUnknownError) return await followUnanswered(client, whole, deadline, error.reason)
      const reason = (error as Error).message
      if (!(error instanceof RefusedError)) return { status: 'silent', reason }
      refusal = reason
    }
  }
  const said = await follow(client, whole, deadline)
  // The refusal is a better reason than "not found".
  return said.status === 'gone' && refusal !== undefined ? { status: 'gone', reason: refusal } : said
}

/** Asks for the outcome of a submission whose answer was lost or is not one of a node. */
async function followUnanswered(client: Client, whole: Followed, deadline: number, reason: string): Promise<Said> {
  const said = await follow(client, whole, Date.now())
  // It arrived.
  if (said.status === 'pending') return follow(client, whole, deadline)
  return isCertain(said) ? said : { status: 'silent', reason }
}

/** Waits at one node until the transaction is no longer pending there. */
async function follow(client: Client, { id, signed, signer }: Followed, deadline: number): Promise<Said> {
  for (let longestMs = WAIT_FIRST_MS; ; longestMs = Math.min(longestMs * 2, WAIT_STEP_MS)) {
    const timeoutMs = Math.max(0, Math.min(deadline - Date.now(), longestMs))
    let fate: Fate
    try {
      const params = { id, timeoutMs, ...content(signed) }
      fate = fateOf(await callOnce(client, 'tx_wait', params, timeoutMs + ANSWER_MARGIN_MS), id)
    } catch (error) {
      if (!(error instanceof EhbError)) throw error
      return { status: 'silent', reason: error.message }
    }
    if (fate.status !== 'pending' || Date.now() >= deadline) return saidOf(fate)
    if (fate.missingSequence !== undefined && signed !== undefined && signer !== undefined) {
      // Where that fails, it is tried again until the deadline.
      const isClosed = await closeGap(client, signer, signed.transaction, fate.missingSequence).catch(() => false)
      if (isClosed) longestMs = CLOSED_MS
    }
    if (await hasBetter(client)) return { status: 'silent', reason: 'the node is not ready, so nothing becomes final there' }
  }
}

function saidOf(fate: Fate): Said {
  switch (fate.status) {
    case 'final': {
      const { status: _, ...receipt } = fate
      return { status: receipt.receipt.outcome.status === 'success' ? 'final' : 'failed', receipt }
    }
    case 'superseded':
      return { status: 'superseded', by: fate.by }
    case 'expired':
      return { status: 'expired' }
    case 'pending':
      return { status: 'pending', reason: fate.missingSequence === undefined ? 'it was not final in time' : waitsFor(fate.missingSequence) }
    default:
      return { status: 'gone', reason: fate.dropped?.message ?? 'the node does not have it' }
  }
}

/** Why a transaction after a gap is not final. */
const waitsFor = (sequence: bigint): string =>
  `it waits for sequence ${sequence} of its lane, which no pending transaction has`

/** Checks a fate. A response about another transaction could hide a payment, so it is refused. */
function fateOf(answer: any, id: string): Fate {
  switch (answer?.status) {
    case 'final': {
      const located = locatedReceipt(answer)
      if (located.receipt.transaction !== id) throw new ProtocolError('the node answered the receipt of another transaction')
      return { status: 'final', ...located }
    }
    case 'superseded':
      if (answer.by !== null && typeof answer.by !== 'string') break
      return answer
    case 'pending': {
      const { missingSequence } = answer
      return { status: 'pending', ...(missingSequence == null ? {} : { missingSequence: decimal(missingSequence) }) }
    }
    case 'expired': case 'unknown':
      return answer
  }
  throw new ProtocolError('the node answered a fate that this version does not know')
}

const content = (signed?: SignedTransaction): object =>
  signed === undefined ? {} : { transaction: toBase64(encodeSigned(signed)) }

const forget = (client: Client, { transaction }: SignedTransaction): void =>
  forgetSequence(client, transaction.sender, transaction.lane)
