/** Blocks and receipts as they become final, without a gap, across connection failures. */
import { locatedReceipt } from './client.js'
import { EhbError, ProtocolError, RefusedError, UnreachableError } from './errors.js'
import { chainOf, type Client, pause, urlOf } from './rpc.js'
import { openSocket, SilentError, type Socket } from './socket.js'
import type { BlockNotice, Detail, Gap, LocatedReceipt, Position, ReceiptFilter, ReceiptNotice, Status } from './views.js'
import { type Ask, wholeBlock } from './whole.js'

/** The factor of the timeout for lines that were silent: they may be slow, not dead. */
const PATIENCE_FACTOR_MAX = 8
/** How often in a row the node must be ahead of its notices: a response can overtake a notice. */
const OWED_MAX = 2

/** The followed subscription and its position. */
interface Subject<Notice> {
  /** Starts after the head if no position was given, so that nothing is missed while the connection is down. */
  begin(head: number): void
  /** The subscription from the position on: method, parameters, and the method that ends it. */
  subscription(): [method: string, params: object]
  /** The notices for what a node announced. */
  expand(ask: Ask, notice: unknown): Promise<readonly unknown[]>
  /** Reads a notice and moves past it. Errors: it does not follow the last one. */
  advance(notice: unknown): Notice
  /** Whether a node with this head must have something to announce. */
  isOwed(head: number): boolean
}

/** Options of `followBlocks`. */
export interface FollowBlocksOptions {
  /** The first height; by default the next block. */
  readonly fromHeight?: number
  /** How much of each block; `header` by default. */
  readonly detail?: Detail
  /** Ends the following. */
  readonly signal?: AbortSignal
}

/**
 * Blocks as they become final. A connection that breaks or falls silent is made again, at the next node where there
 * are several, and continues where it broke. A block that is too long for a message is read in parts and comes whole.
 * Blocks that the node no longer has come as a `gap`. Nodes may be away for `patience.outageMs`; then the error is
 * thrown, and to continue, follow again from the last height plus one.
 */
export function followBlocks(client: Client, options: FollowBlocksOptions = {}): AsyncGenerator<BlockNotice, void> {
  return follow(client, blocksFrom(options.fromHeight, options.detail ?? 'header'), options.signal)
}

/** Options of `followReceipts`. */
export interface FollowReceiptsOptions {
  /** The receipts to follow; all by default. */
  readonly filter?: ReceiptFilter
  /** The position to start at, such as `next` of the last notice; by default the next block. */
  readonly from?: Position
  /** Ends the following. */
  readonly signal?: AbortSignal
}

/** Receipts as they become final, as `followBlocks`. */
export function followReceipts(client: Client, options: FollowReceiptsOptions = {}): AsyncGenerator<ReceiptNotice, void> {
  return follow(client, receiptsFrom(options.filter ?? {}, options.from), options.signal)
}

async function* follow<Notice>(client: Client, subject: Subject<Notice>, signal?: AbortSignal): AsyncGenerator<Notice, void> {
  if (client.WebSocket === undefined) {
    throw new ProtocolError("this platform has no WebSocket: give that of the package 'ws' to connect()")
  }
  // Lasting: how many nodes in a row gave an answer that waiting does not mend, such as another chain.
  let [at, failures, lasting, factor] = [client.current, 0, 0, 1]
  let failingSince: number | undefined
  while (!isAborted(signal)) {
    const begun = Date.now()
    let hasProgress = false
    let error: unknown
    let socket: Socket | undefined
    try {
      const silenceMs = client.patience.silenceMs * factor
      socket = await openSocket(client.WebSocket, client.urls[at] ?? urlOf(client), silenceMs, signal)
      for await (const notice of listen(client, socket, subject, silenceMs)) {
        ;[hasProgress, failures, lasting, factor, failingSince] = [true, 0, 0, 1, undefined]
        yield notice
        if (isAborted(signal)) return
      }
      continue
    } catch (thrown) {
      if (isAborted(signal)) return
      if (!(thrown instanceof EhbError)) throw thrown
      error = thrown
    } finally {
      socket?.close()
    }
    if (hasProgress) continue
    const now = Date.now()
    // A line that worked for so long, without anything to announce, was no outage.
    if (failingSince === undefined || now - begun > client.patience.outageMs) [failures, failingSince] = [0, now]
    failures++
    if (error instanceof SilentError) factor = Math.min(factor * 2, PATIENCE_FACTOR_MAX)
    at = (at + 1) % client.urls.length
    lasting = (error instanceof RefusedError || error instanceof ProtocolError) && !error.retryable ? lasting + 1 : 0
    if (now - failingSince >= client.patience.outageMs || lasting >= client.urls.length) throw error
    await pause(client.patience, failures)
  }
}

/** A function, since the compiler assumes that a checked property stays as it is. */
const isAborted = (signal?: AbortSignal): boolean => signal?.aborted === true

/** Yields notices until the consumer lagged; throws when the connection is no longer usable. */
async function* listen<Notice>(
  client: Client,
  socket: Socket,
  subject: Subject<Notice>,
  silenceMs: number,
): AsyncGenerator<Notice, void> {
  const status = await socket.request<Status>('chain_status', {})
  const { genesisHash } = chainOf(status)
  if (genesisHash !== client.chain.genesisHash) {
    throw new ProtocolError(`the node at ${socket.url} is on the chain with genesis ${genesisHash}, not ${client.chain.genesisHash}`)
  }
  subject.begin(status.height)
  await socket.subscribe(...subject.subscription())
  for (let owed = 0; ; ) {
    const notice = await socket.next(silenceMs)
    if (notice === 'lagged') return
    if (notice !== 'silent') {
      owed = 0
      for (const it of await subject.expand(socket.request, notice)) yield subject.advance(it)
      continue
    }
    // A request, since pings do not detect a subscription that the node dropped.
    const { height, ready } = await socket.request<Status>('chain_status', {})
    if (ready === false && client.urls.length > 1) throw new UnreachableError(socket.url, 'the node is not ready', false)
    owed = subject.isOwed(height) ? owed + 1 : 0
    if (owed >= OWED_MAX) throw new UnreachableError(socket.url, 'the node has more than its subscription announces', false)
  }
}

function gapOf(notice: any): Gap | undefined {
  if (notice?.type !== 'gap') return undefined
  const { fromHeight, toHeight, reason } = notice
  if (!isHeight(fromHeight) || !isHeight(toHeight) || toHeight < fromHeight) throw misfit('a gap without its heights')
  return { type: 'gap', fromHeight, toHeight, ...(typeof reason === 'string' && { reason }) }
}

const isHeight = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const misfit = (problem: string): ProtocolError => new ProtocolError(`the node announces something that does not fit: ${problem}`)

/** Blocks from a height on. */
export function blocksFrom(nextHeight: number | undefined, detail: Detail): Subject<BlockNotice> {
  return {
    begin: (head) => {
      nextHeight ??= head + 1
    },
    subscription: () => ['chain_subscribeBlocks', { fromHeight: nextHeight, detail }],
    expand: async (ask, notice: any) => {
      if (notice?.reason !== 'tooLong') return [notice]
      const at = notice.fromHeight
      try {
        return [{ type: 'block', block: await wholeBlock(ask, at, detail) }]
      } catch (error) {
        if ((error as EhbError).code !== 'LIMIT_EXCEEDED') throw error
        // If the header is sent, only the length of a single receipt can be the reason.
        await ask('chain_getHeader', { at })
        return [notice]
      }
    },
    advance: (notice: any) => {
      const gap = gapOf(notice)
      const height = notice?.block?.header?.height
      if (gap === undefined && (notice?.type !== 'block' || !isHeight(height))) throw misfit('neither block nor gap')
      const [first, last] = gap === undefined ? [height, height] : [gap.fromHeight, gap.toHeight]
      if (first !== (nextHeight ?? first)) throw misfit(`expected height ${nextHeight}, got ${first} to ${last}`)
      nextHeight = last + 1
      return gap ?? notice
    },
    isOwed: (head) => nextHeight !== undefined && nextHeight <= head,
  }
}

const isBefore = (a: Position, b: Position): boolean => a.height < b.height || (a.height === b.height && a.index < b.index)

/** Receipts from a position on. */
export function receiptsFrom(filter: ReceiptFilter, from: Position | undefined): Subject<ReceiptNotice> {
  /** Checks that a position does not come before another, and returns it. */
  const checked = (position: Position, least: Position): Position => {
    if (![position?.height, position?.index].every(isHeight)) throw misfit('a receipt without its place')
    if (isBefore(position, least)) {
      throw misfit(`position ${position.height}/${position.index} comes before ${least.height}/${least.index}`)
    }
    return { height: position.height, index: position.index }
  }
  const moveTo = (next: Position): void => {
    if (from !== undefined && !isBefore(from, next)) throw misfit(`the position ${next.height}/${next.index} again`)
    from = next
  }
  return {
    begin: (head) => {
      from ??= { height: head + 1, index: 0 }
    },
    subscription: () => ['tx_subscribeReceipts', { filter: { withoutEvents: false, ...filter }, from }],
    expand: async (_, notice) => [notice],
    advance: (notice: any) => {
      const gap = gapOf(notice)
      if (gap !== undefined) {
        moveTo({ height: gap.toHeight + 1, index: 0 })
        return gap
      }
      if (notice?.type !== 'receipts' || !Array.isArray(notice.receipts)) throw misfit('neither receipts nor gap')
      const receipts: LocatedReceipt[] = notice.receipts.map(locatedReceipt)
      let least = from ?? { height: 0, index: 0 }
      for (const it of receipts) {
        const { height, index } = checked(it, least)
        least = { height, index: index + 1 }
      }
      const next = checked(notice.next, least)
      moveTo(next)
      return { type: 'receipts', next, receipts }
    },
    // Only the node knows which receipts match a filter.
    isOwed: () => false,
  }
}
