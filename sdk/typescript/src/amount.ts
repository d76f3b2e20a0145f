/** Amounts in base units from and to decimal text. */
import { EncodingError } from './errors.js'

/** Amounts are base units: at 2 decimals, `1250n` is 12.50. */
const AMOUNT_MAX = 2n ** 64n - 1n

/** The base units of decimal text such as `12.50`, for an asset with this many decimals. Nothing is rounded. */
export function parseAmount(text: string, decimals: number): bigint {
  const [, whole, fraction = ''] = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text) ?? []
  if (whole === undefined) throw new EncodingError(`${JSON.stringify(text.slice(0, 40))} is not an amount: write digits and a point, such as 12.50`)
  if (fraction.length > decimals) throw new EncodingError(`${text.slice(0, 40)} has more than ${decimals} decimals`)
  const amount = BigInt(whole + fraction.padEnd(decimals, '0'))
  if (amount > AMOUNT_MAX) throw new EncodingError(`${text.slice(0, 40)} is more than an amount can hold`)
  return amount
}

/** The decimal text of base units. */
export function formatAmount(amount: bigint, decimals: number): string {
  const digits = amount.toString().padStart(decimals + 1, '0')
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}
