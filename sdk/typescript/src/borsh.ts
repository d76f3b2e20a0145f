/** Encodes and reads borsh, the one encoding of values. */
import { fromUtf8, shown, toUtf8 } from './bytes.js'
import { EncodingError } from './errors.js'

/** A whole number: of 64 bits as `bigint`; `number` is accepted where it is exact. */
export type Integer = bigint | number

/** Writes borsh (<https://borsh.io>): the one encoding of a value. */
export class Writer {
  #bytes = new Uint8Array(256)
  #length = 0

  /** All bytes written so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length).set(bytes)
    this.#length += bytes.length
    return this
  }

  /** Bytes of a fixed length. */
  fixed(length: number, bytes: Uint8Array): this {
    if (bytes.length !== length) throw new EncodingError(`expected ${length} bytes, got ${bytes.length}`)
    return this.raw(bytes)
  }

  /** An unsigned integer of `bits` bits, little-endian. */
  unsigned(bits: number, value: Integer): this {
    return this.#integer(bits, value, 0n, (1n << BigInt(bits)) - 1n)
  }

  /** A signed integer of `bits` bits, little-endian. */
  signed(bits: number, value: Integer): this {
    const half = 1n << BigInt(bits - 1)
    return this.#integer(bits, value, -half, half - 1n)
  }

  #integer(bits: number, value: Integer, min: bigint, max: bigint): this {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new EncodingError(`${value} is no exact whole number: use a bigint`)
    }
    const whole = BigInt(value)
    if (whole < min || whole > max) throw new EncodingError(`${whole} is not between ${min} and ${max}`)
    const view = new DataView(this.#reserve(8).buffer, this.#length)
    view.setBigUint64(0, BigInt.asUintN(64, whole), true)
    this.#length += bits / 8
    return this
  }

  /** A boolean; also the tag of an option or result. */
  bit(value: boolean): this {
    return this.unsigned(8, value ? 1 : 0)
  }

  /** The number of elements of a list. */
  count(length: number): this {
    return this.unsigned(32, length)
  }

  /** Bytes after their length. */
  bytes(bytes: Uint8Array): this {
    return this.count(bytes.length).raw(bytes)
  }

  /** Text after its length in bytes of UTF-8. */
  text(text: string): this {
    return this.bytes(toUtf8(text))
  }

  /** A list. */
  list<T>(values: readonly T[], write: (value: T) => unknown): this {
    this.count(values.length)
    for (const value of values) write(value)
    return this
  }

  /** A value that may be absent. */
  option<T>(value: T | null | undefined, write: (value: T) => unknown): this {
    const isThere = value !== null && value !== undefined
    this.bit(isThere)
    if (isThere) write(value)
    return this
  }

  #reserve(length: number): Uint8Array {
    const end = this.#length + length
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    return this.#bytes.subarray(this.#length)
  }
}

/** Reads borsh. It refuses non-canonical bytes, and never allocates more than the input can hold. */
export class Reader {
  #view: DataView
  #at = 0

  constructor(readonly source: Uint8Array) {
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  }

  /** The number of bytes left. */
  get left(): number {
    return this.source.length - this.#at
  }

  /** The next bytes as they are, copied. */
  raw(length: number): Uint8Array {
    const at = this.#take(length)
    return this.source.slice(at, at + length)
  }

  /** An unsigned integer of 8, 16 or 32 bits. */
  unsigned(bits: 8 | 16 | 32): number {
    const at = this.#take(bits / 8)
    if (bits === 8) return this.#view.getUint8(at)
    return bits === 16 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true)
  }

  /** A signed integer of 8, 16 or 32 bits. */
  signed(bits: 8 | 16 | 32): number {
    const at = this.#take(bits / 8)
    if (bits === 8) return this.#view.getInt8(at)
    return bits === 16 ? this.#view.getInt16(at, true) : this.#view.getInt32(at, true)
  }

  /** An unsigned integer of 64 bits. */
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true)
  }

  /** A signed integer of 64 bits. */
  s64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true)
  }

  /** A number of 64 bits that a JavaScript number holds exactly, such as a height. */
  exact(): number {
    const value = this.u64()
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new EncodingError(`${value} is beyond 2^53 - 1`)
    return Number(value)
  }

  /** A boolean; also the tag of an option or result. */
  bit(): boolean {
    const value = this.unsigned(8)
    if (value > 1) throw new EncodingError(`the byte is ${value}, expected 0 or 1`)
    return value === 1
  }

  /** The number of a case, lower than `count`. */
  case(count: number): number {
    const value = this.unsigned(8)
    if (value >= count) throw new EncodingError(`the case ${value} does not exist; there are ${count}`)
    return value
  }

  /** The number of elements of a list, each of at least `bytesMin` bytes: no more than the bytes left can hold. */
  count(bytesMin: number): number {
    const count = this.unsigned(32)
    if (count * bytesMin > this.left) {
      throw new EncodingError(`a list of ${count} elements does not fit into the ${this.left} remaining bytes`)
    }
    return count
  }

  /** Bytes after their length. */
  bytes(): Uint8Array {
    return this.raw(this.count(1))
  }

  /** Text after its length. */
  text(): string {
    return fromUtf8(this.bytes())
  }

  /** A list of elements of at least `bytesMin` bytes each. */
  list<T>(bytesMin: number, read: () => T): T[] {
    return Array.from({ length: this.count(bytesMin) }, read)
  }

  /** A value that may be absent. */
  option<T>(read: () => T): T | null {
    return this.bit() ? read() : null
  }

  /** Checks that no byte is left. */
  finish(): void {
    if (this.left > 0) throw new EncodingError(`${this.left} bytes follow the value`)
  }

  #take(length: number): number {
    if (length > this.left) {
      throw new EncodingError(`the bytes end inside the value: ${length} more are needed, ${this.left} are left`)
    }
    const at = this.#at
    this.#at += length
    return at
  }
}

/** Reads all of the bytes as one value. */
export function decodeAll<T>(bytes: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader(bytes)
  const value = read(reader)
  reader.finish()
  return value
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/

/** Checks a name of a module, function, role or organisation. */
export function checkName(text: string): string {
  if (typeof text !== 'string' || !NAME.test(text)) {
    throw new EncodingError(`${shown(text)} is not a name: 1 to 64 of a-z, 0-9 and -, starting with a letter`)
  }
  return text
}
