/** Byte arrays: joining, comparing, hexadecimal, base64 and UTF-8. */
import { EncodingError } from './errors.js'

/** Joins byte arrays. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Whether two byte arrays are equal. Not in constant time: for public values only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** Orders byte arrays as Rust orders `[u8; N]`. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    if (a[index] !== b[index]) return a[index]! - b[index]!
  }
  return a.length - b.length
}

/** Hex digits in lower case. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += (byte >> 4).toString(16) + (byte & 15).toString(16)
  return text
}

/** The bytes of hex digits in lower case; with `length`, of exactly that many bytes. */
export function fromHex(text: string, length?: number): Uint8Array {
  const fits = length === undefined ? text.length % 2 === 0 : text.length === length * 2
  if (!fits || !/^[0-9a-f]*$/.test(text)) {
    const digits = length === undefined ? 'an even number of' : String(length * 2)
    throw new EncodingError(`expected ${digits} hex digits in lower case, got ${shown(text)}`)
  }
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16)
  }
  return bytes
}

/** Padded base64. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES))
  }
  return btoa(binary)
}

/** The largest number of bytes for one call of `fromCharCode`: engines limit the number of arguments. */
const CHUNK_BYTES = 8192

/** Bytes as the node writes them: hex after `0x`. */
export function fromRpcBytes(text: string): Uint8Array {
  if (!text.startsWith('0x')) throw new EncodingError(`expected hex digits after 0x, got ${shown(text)}`)
  return fromHex(text.slice(2))
}

/** The bytes of padded base64 in its canonical form. */
export function fromBase64(text: string): Uint8Array {
  let binary: string
  try {
    binary = atob(text)
  } catch {
    throw new EncodingError(`expected padded base64, got ${shown(text)}`)
  }
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at)
  // `atob` also accepts spaces, missing padding and spare bits.
  if (toBase64(bytes) !== text) throw new EncodingError('the base64 text is not in its canonical form')
  return bytes
}

const encoder = /* @__PURE__ */ new TextEncoder()
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8. Text with a lone surrogate has none and is refused. */
export function toUtf8(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw new EncodingError('the text holds half of a surrogate pair')
  return encoder.encode(text)
}

/** The text of UTF-8 bytes; anything else is refused. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new EncodingError('the bytes are not UTF-8')
  }
}

/** The beginning of an invalid text, for a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
  return text.length > 100 ? `${text.slice(0, 100)}...` : text
}
