/** Reads a block that is too long for one response, part after part. */
import { concat, fromBase64, toBase64 } from './bytes.js'
import { ProtocolError } from './errors.js'
import { call, type Client } from './rpc.js'
import type { At, BlockView, Detail } from './views.js'

/** The largest number of parts of a block: a node that sends more would make the client use memory without end. */
const PARTS_MAX = 64

/** Calls a method of a node. */
export type Ask = <T>(method: string, params: object) => Promise<T>

/**
 * A whole block by height, hash or moment, by default the head's: all parts of it, joined. Errors: `RefusedError` with
 * `NOT_FOUND` or `PRUNED`, and with `LIMIT_EXCEEDED` where a single receipt is too long for a response.
 */
export const getBlock = (client: Client, at?: At, detail: Detail = 'full'): Promise<BlockView> =>
  wholeBlock((method, params) => call(client, method, params), at, detail)

/** As `getBlock`, on any connection. */
export async function wholeBlock(ask: Ask, at: At | undefined, detail: Detail): Promise<BlockView> {
  const parts: BlockView[] = []
  let fromIndex: number | undefined
  do {
    // The other parts by the block's hash: a moment that has not come yet names another block later.
    const part: BlockView = await ask('chain_getBlock', { at: parts[0]?.hash ?? at, detail, fromIndex })
    parts.push(part)
    const goesOn = (part?.nextIndex ?? Infinity) > (fromIndex ?? -1)
    check(typeof part?.hash === 'string' && part.hash === parts[0]!.hash && goesOn && parts.length <= PARTS_MAX)
    fromIndex = part.nextIndex
  } while (fromIndex !== undefined)
  const { nextIndex: _, ...whole } = parts[0]!
  if (parts.length === 1) return whole
  const listed = (of: 'transactions' | 'receipts'): unknown[] => parts.flatMap((part) => part[of] ?? check(false))
  const bytes = (of: 'block' | 'receipts'): string =>
    toBase64(concat(...parts.map((part) => fromBase64(part.canonical?.[of] ?? check(false)))))
  return whole.canonical === undefined
    ? { ...whole, transactions: listed('transactions'), receipts: listed('receipts') }
    : { ...whole, canonical: { ...whole.canonical, block: bytes('block'), receipts: bytes('receipts') } }
}

function check(fits: false): never
function check(fits: boolean): void
function check(fits: boolean): void {
  if (!fits) throw new ProtocolError('the parts of a block do not fit together')
}
