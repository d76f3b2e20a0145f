/** bech32m (BIP-350): bytes as text with a prefix and a checksum. */

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
/** The checksum of a correct text. */
const CORRECT = 0x2bc830a3
/** The number of letters of a checksum. */
const CHECKSUM_WORDS = 6
/** The greatest length of a text. */
const TEXT_MAX = 90

/** The checksum of a prefix and of words of 5 bits. */
function checksum(prefix: string, words: readonly number[]): number {
  const letters = Array.from(prefix, (letter) => letter.charCodeAt(0))
  let sum = 1
  for (const word of [...letters.map((it) => it >> 5), 0, ...letters.map((it) => it & 31), ...words]) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ word
    GENERATORS.forEach((generator, bit) => { if ((top >>> bit) & 1) sum ^= generator })
  }
  return sum
}

/** Words of other bits; what is left at the end is returned as well. */
function regroup(words: Iterable<number>, from: number, to: number): { out: number[]; left: number; bits: number } {
  const out: number[] = []
  let [left, bits] = [0, 0]
  for (const word of words) {
    left = (left << from) | word
    for (bits += from; bits >= to; left &= (1 << bits) - 1) out.push(left >>> (bits -= to))
  }
  return { out, left, bits }
}

/** The text of bytes under a prefix in lower case. */
export function toBech32m(prefix: string, bytes: Uint8Array): string {
  const { out, left, bits } = regroup(bytes, 8, 5)
  if (bits > 0) out.push(left << (5 - bits))
  const sum = checksum(prefix, [...out, ...Array<number>(CHECKSUM_WORDS).fill(0)]) ^ CORRECT
  for (let at = CHECKSUM_WORDS - 1; at >= 0; at--) out.push((sum >>> (5 * at)) & 31)
  return `${prefix}1${out.map((word) => ALPHABET[word]).join('')}`
}

/** The prefix and the bytes of a text, without bytes where its padding bits are not zero; `undefined` for a wrong text. */
export function fromBech32m(text: string): { prefix: string; bytes: Uint8Array | undefined } | undefined {
  const lower = text.toLowerCase()
  const end = lower.lastIndexOf('1')
  const prefix = lower.slice(0, end)
  const words = Array.from(lower.slice(end + 1), (letter) => ALPHABET.indexOf(letter))
  const isSound = text.length <= TEXT_MAX && (text === lower || text === text.toUpperCase()) &&
    end > 0 && /^[!-~]+$/.test(prefix) && words.length >= CHECKSUM_WORDS && !words.includes(-1)
  if (!isSound || checksum(prefix, words) !== CORRECT) return undefined
  const { out, left, bits } = regroup(words.slice(0, -CHECKSUM_WORDS), 5, 8)
  return { prefix, bytes: left === 0 && bits < 5 ? Uint8Array.from(out) : undefined }
}
