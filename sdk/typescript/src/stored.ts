/** What a proven entry of the wallet module means: balances and assets (`docs/state.md`). */
import { Reader } from './borsh.js'
import { concat, equal, fromUtf8, toUtf8 } from './bytes.js'
import { moduleKey } from './state.js'

/** An entry of the wallet module; amounts are in base units. */
export type StoredEntry =
  /** An account that never had a balance has no entry, and owns nothing. */
  | { readonly kind: 'balance'; readonly account: Uint8Array; readonly asset: string; readonly available: bigint; readonly held: bigint }
  /** `decimals` is `null` if there is no such asset. */
  | { readonly kind: 'asset'; readonly asset: string; readonly decimals: number | null }

const PREFIX = 'm/wallet/'
/** The first byte of a key of a balance, and of an asset. */
const BALANCES = 0x62
const ASSETS = 0x61
/** The version of the layout of both. */
const LAYOUT = 1
/** The bytes of a balance: the version, available, held, flags, month, opening and entries. */
const BALANCE_BYTES = 38

/** The key of a balance in the whole state. */
export const balanceKey = (account: Uint8Array, asset: string): Uint8Array =>
  moduleKey('wallet', concat(Uint8Array.of(BALANCES), account, toUtf8(asset)))

/** The key of an asset in the whole state. */
export const assetKey = (asset: string): Uint8Array => moduleKey('wallet', concat(Uint8Array.of(ASSETS), toUtf8(asset)))

/**
 * The meaning of an entry, by its key in the whole state and its value; `null` for an entry of another kind, or in a
 * layout that this version does not know.
 */
export function readStored(key: Uint8Array, value: Uint8Array | null): StoredEntry | null {
  const prefix = toUtf8(PREFIX)
  if (!equal(key.subarray(0, prefix.length), prefix)) return null
  const table = key[prefix.length]
  const rest = key.subarray(prefix.length + 1)
  const body = value?.[0] === LAYOUT ? new Reader(value.subarray(1)) : null
  if (value !== null && body === null) return null
  if (table === BALANCES) {
    const asset = idOf(rest.subarray(32))
    if (asset === null || (value !== null && value.length !== BALANCE_BYTES)) return null
    const [available, held] = body === null ? [0n, 0n] : [body.u64(), body.u64()]
    return { kind: 'balance', account: rest.slice(0, 32), asset, available, held }
  }
  const asset = table === ASSETS ? idOf(rest) : null
  if (asset === null) return null
  if (body === null) return { kind: 'asset', asset, decimals: null }
  try {
    if (body.text() !== asset) return null
    body.text()
    return { kind: 'asset', asset, decimals: body.unsigned(8) }
  } catch {
    return null
  }
}

/** The id of an asset: visible characters of ASCII. */
function idOf(bytes: Uint8Array): string | null {
  return bytes.length > 0 && bytes.every((it) => it > 0x20 && it < 0x7f) ? fromUtf8(bytes) : null
}
