/** Values of a module's interface: checks them against its WIT types, and encodes and reads them. */
import { addressFromText, addressToText, type Network } from './address.js'
import { decodeAll, Reader, Writer } from './borsh.js'
import { fromHex, shown, toHex } from './bytes.js'
import { EhbError, ProtocolError, ValueError } from './errors.js'

/** A WIT type, in the form of a module's interface. */
export type Type =
  | 'bool' | 'u8' | 'u16' | 'u32' | 'u64' | 's8' | 's16' | 's32' | 's64'
  | 'char' | 'string' | 'address' | 'hash'
  | { readonly list: Type }
  | { readonly option: Type }
  | { readonly result: { readonly ok: Type | null; readonly err: Type | null } }
  | { readonly tuple: readonly Type[] }
  | { readonly record: readonly Field[] }
  | { readonly variant: readonly Case[] }
  | { readonly enum: readonly string[] }
  | { readonly flags: readonly string[] }

/** A named value: a record's field or a function's parameter. */
export interface Field {
  readonly name: string
  readonly type: Type
}

/** A case of a variant. */
export interface Case {
  readonly name: string
  readonly type?: Type | null
}

/** A function that a module offers. */
export interface ModuleFunction {
  readonly name: string
  readonly interface: string
  readonly parameters: readonly Field[]
  readonly result: Type | null
  readonly docs: string
}

/** The functions of a module, ascending by name, and the type of its events. */
export interface Interface {
  readonly functions: readonly ModuleFunction[]
  readonly event: Type | null
}

/**
 * A value of a WIT type. Integers of 64 bits are `bigint`, addresses and hashes text, `list<u8>` is a
 * `Uint8Array`; an option is `null` or the value (`{ some: value }` where the value is an option itself), a
 * result `{ ok }` or `{ err }`, a variant's case `'name'` or `{ name: payload }`.
 */
export type Value =
  | boolean | number | bigint | string | null | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value }

const DEPTH_MAX = 32
const FIELDS_MAX = 256
const CASES_MAX = 256
const FLAGS_MAX = 32

/** The smallest size of each simple type, bytes. */
const SIMPLE: Readonly<Record<string, number>> = {
  bool: 1, u8: 1, u16: 2, u32: 4, u64: 8, s8: 1, s16: 2, s32: 4, s64: 8, char: 4, string: 4, address: 32, hash: 32,
}

type Composite = { readonly [kind: string]: unknown }

/** The kind of a type and its parts. */
function partsOf(type: Type): [string, any] {
  if (typeof type === 'string') return [type, undefined]
  return Object.entries(type as Composite)[0] as [string, any]
}

/**
 * Checks an interface that came from a node or a file: every type within the bounds that the encodings rely
 * on. An interface must pass before it is used.
 */
export function checkInterface(value: unknown): Interface {
  const { functions, event } = (value ?? {}) as Partial<Interface>
  const isList = Array.isArray(functions)
  const isSound = isList && functions.length <= FUNCTIONS_MAX && functions.every(
    (it) => typeof it?.name === 'string' && Array.isArray(it.parameters) && typeof it.docs === 'string',
  )
  if (!isSound) throw new ProtocolError('the interface of the module is not in the form of one')
  for (const { parameters, result } of functions) {
    for (const field of parameters) checkNamed(field, 1)
    if (result != null) checkType(result)
  }
  if (event != null) checkType(event)
  return value as Interface
}

const FUNCTIONS_MAX = 4096

/** Checks the bounds of a type. */
export function checkType(type: unknown, depth = 1): asserts type is Type {
  if (depth > DEPTH_MAX) throw new ProtocolError(`the type nests deeper than ${DEPTH_MAX}`)
  if (typeof type === 'string' && Object.hasOwn(SIMPLE, type)) return
  const entries = typeof type === 'object' && type !== null ? Object.entries(type) : []
  if (entries.length !== 1) throw new ProtocolError(`${shown(type)} is no WIT type`)
  const [kind, inner] = entries[0] as [string, any]
  switch (kind) {
    case 'list':
    case 'option':
      return checkType(inner, depth + 1)
    case 'result':
      for (const part of [inner?.ok, inner?.err]) if (part != null) checkType(part, depth + 1)
      return
    case 'tuple':
      return members(kind, inner, FIELDS_MAX).forEach((it) => checkType(it, depth + 1))
    case 'record':
      members(kind, inner, FIELDS_MAX).forEach((it) => checkNamed(it, depth + 1))
      return distinct(inner.map((it: Field) => it.name))
    case 'variant':
      for (const it of members(kind, inner, CASES_MAX) as Case[]) {
        if (it?.type != null) checkType(it.type, depth + 1)
      }
      return distinct(inner.map((it: Case) => it?.name))
    case 'enum':
    case 'flags':
      return distinct(members(kind, inner, kind === 'enum' ? CASES_MAX : FLAGS_MAX) as string[])
    default:
      throw new ProtocolError(`${shown(kind)} is no kind of WIT type`)
  }
}

function checkNamed(field: any, depth: number): void {
  if (typeof field?.name !== 'string') throw new ProtocolError('a field or parameter has no name')
  checkType(field.type, depth)
}

function members(kind: string, list: unknown, max: number): unknown[] {
  if (!Array.isArray(list) || list.length < 1 || list.length > max) {
    throw new ProtocolError(`a ${kind} has 1 to ${max} members`)
  }
  return list
}

function distinct(names: readonly unknown[]): void {
  if (names.some((name) => typeof name !== 'string') || new Set(names).size !== names.length) {
    throw new ProtocolError('the members of a type have names, none of them twice')
  }
}

/** The fewest bytes that a value of the type takes. */
function bytesMin(type: Type): number {
  const [kind, inner] = partsOf(type)
  const least = (types: (Type | null | undefined)[]): number =>
    Math.min(...types.map((it) => (it == null ? 0 : bytesMin(it))))
  switch (kind) {
    case 'list':
      return 4
    case 'option':
    case 'enum':
      return 1
    case 'result':
      return 1 + least([inner.ok, inner.err])
    case 'variant':
      return 1 + least(inner.map((it: Case) => it.type))
    case 'tuple':
      return inner.reduce((sum: number, it: Type) => sum + bytesMin(it), 0)
    case 'record':
      return inner.reduce((sum: number, it: Field) => sum + bytesMin(it.type), 0)
    case 'flags':
      return Math.ceil(inner.length / 8)
    default:
      return SIMPLE[kind]!
  }
}

/** The canonical bytes of a value. */
export function encodeValue(network: Network, type: Type, value: Value): Uint8Array {
  const writer = new Writer()
  write({ network, writer }, type, value)
  return writer.finish()
}

/**
 * The value in a node's JSON: 64-bit numbers as bigints. Fields that the type does not have are ignored, since a newer
 * version of a module may return more of them.
 */
export function valueOfJson(network: Network, type: Type, json: unknown): Value {
  const writer = new Writer()
  write({ network, writer, isNewer: true }, type, json)
  return decodeValue(network, type, writer.finish())
}

/** The value that canonical bytes hold. */
export function decodeValue(network: Network, type: Type, bytes: Uint8Array): Value {
  return decodeAll(bytes, (reader) => read({ network, reader }, type))
}

/** The canonical bytes of a function's arguments, given as an object by name or an array by position. */
export function encodeArguments(
  network: Network,
  parameters: readonly Field[],
  values: { readonly [name: string]: Value } | readonly Value[],
): Uint8Array {
  const writer = new Writer()
  const out = { network, writer }
  if (Array.isArray(values)) {
    if (values.length !== parameters.length) {
      throw new ValueError(`expected ${parameters.length} arguments, got ${values.length}`)
    }
    parameters.forEach(({ name, type }, index) => within(name, () => write(out, type, values[index])))
  } else {
    writeFields(out, parameters, values as Value, 'the arguments as an object by name or an array by position')
  }
  return writer.finish()
}

/** The arguments by name. */
export function decodeArguments(
  network: Network,
  parameters: readonly Field[],
  bytes: Uint8Array,
): { [name: string]: Value } {
  return decodeAll(bytes, (reader) => readFields({ network, reader }, parameters))
}

/** The function of this name. */
export function functionOf(module: Interface, name: string): ModuleFunction | undefined {
  return module.functions.find((it) => it.name === name)
}

/** The type of a successful call's value: the payload of `ok`, or the plain result. */
export function outputType(result: Type | null | undefined): Type | null {
  if (result == null) return null
  return typeof result === 'object' && 'result' in result ? (result.result.ok ?? null) : result
}

interface Out {
  readonly network: Network
  readonly writer: Writer
  /** Whether fields that a type does not have are ignored: those of a newer version. */
  readonly isNewer?: boolean
}

/** Errors of `act` carry the name as part of their path. */
function within<T>(name: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw asValueError(error).within(name)
  }
}

function asValueError(error: unknown): ValueError {
  if (error instanceof ValueError) return error
  if (error instanceof EhbError) return new ValueError(error.message)
  throw error
}

function expected(what: string, value: unknown): ValueError {
  let text: string | undefined
  try {
    text = JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? String(it) : it))
  } catch {
    // A value that refers to itself.
  }
  return new ValueError(`expected ${what}, got ${(text ?? String(value)).slice(0, 60)}`)
}

const isObject = (value: unknown): value is { [name: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

/** The only member of an object. */
function onlyMember(what: string, value: unknown): [string, Value] {
  const entries = isObject(value) ? Object.entries(value) : []
  if (entries.length !== 1) throw expected(what, value)
  return entries[0]!
}

function write(out: Out, type: Type, value: unknown): void {
  const { writer } = out
  const [kind, inner] = partsOf(type)
  switch (kind) {
    case 'bool':
      if (typeof value !== 'boolean') throw expected('true or false', value)
      writer.bit(value)
      return
    case 'u8': case 'u16': case 'u32': case 's8': case 's16': case 's32':
      if (typeof value !== 'number') throw expected(`a number (${kind})`, value)
      return writeInteger(writer, kind, value)
    case 'u64': case 's64':
      return writeInteger(writer, kind, long(kind, value))
    case 'char': {
      const [code, ...rest] = [...text('text of one character', value)].map((it) => it.codePointAt(0)!)
      if (code === undefined || rest.length > 0 || (code >= 0xd800 && code < 0xe000)) {
        throw expected('text of one character', value)
      }
      writer.unsigned(32, code)
      return
    }
    case 'string':
      writer.text(text('text', value))
      return
    case 'address':
      writer.fixed(32, addressFromText(out.network, text('an address', value)))
      return
    case 'hash':
      writer.fixed(32, fromHex(text('a hash of 64 hex digits', value), 32))
      return
    case 'list':
      return writeList(out, inner, value)
    case 'option':
      writer.bit(value !== null)
      if (value === null) return
      if (partsOf(inner)[0] !== 'option') return write(out, inner, value)
      const [some, held] = onlyMember('null or { some: value }', value)
      if (some !== 'some') throw expected('null or { some: value }', value)
      return write(out, inner, held)
    case 'result': {
      const [name, payload] = onlyMember('{ ok } or { err }', value)
      if (name !== 'ok' && name !== 'err') throw expected('{ ok } or { err }', value)
      writer.bit(name === 'ok')
      return within(name, () => {
        if (inner[name] != null) return write(out, inner[name], payload)
        if (payload !== null) throw expected('null', payload)
      })
    }
    case 'tuple':
      if (!Array.isArray(value) || value.length !== inner.length) {
        throw expected(`an array of ${inner.length} values`, value)
      }
      inner.forEach((it: Type, index: number) => within(`[${index}]`, () => write(out, it, value[index])))
      return
    case 'record':
      return writeFields(out, inner, value, 'an object')
    case 'variant':
      return writeVariant(out, inner, value)
    case 'enum':
      writer.unsigned(8, position(inner, text('one of the names', value)))
      return
    default:
      return writeFlags(out, inner, value)
  }
}

function writeInteger(writer: Writer, kind: string, value: number | bigint): void {
  const bits = Number(kind.slice(1))
  if (kind.startsWith('u')) writer.unsigned(bits, value)
  else writer.signed(bits, value)
}

/** An integer of 64 bits: a bigint, an exact number, or decimal text in its shortest form. */
function long(kind: string, value: unknown): bigint | number {
  if (typeof value === 'bigint' || typeof value === 'number') return value
  if (typeof value === 'string' && /^(0|-?[1-9][0-9]{0,19})$/.test(value)) return BigInt(value)
  throw expected(`a bigint, or decimal text (${kind})`, value)
}

function text(what: string, value: unknown): string {
  if (typeof value !== 'string') throw expected(what, value)
  return value
}

function position(names: readonly string[], name: string): number {
  const index = names.indexOf(name)
  if (index < 0) throw new ValueError(`${shown(name)} is unknown; known are ${names.join(', ')}`)
  return index
}

function writeList(out: Out, element: Type, value: unknown): void {
  if (element === 'u8') {
    const bytes = typeof value === 'string' && value.startsWith('0x') ? fromHex(value.slice(2)) : value
    if (!(bytes instanceof Uint8Array)) throw expected('a Uint8Array, or hex digits after 0x', value)
    out.writer.bytes(bytes)
    return
  }
  if (!Array.isArray(value)) throw expected('an array', value)
  out.writer.count(value.length)
  value.forEach((it, index) => within(`[${index}]`, () => write(out, element, it)))
}

function writeFields(out: Out, fields: readonly Field[], value: unknown, what: string): void {
  if (!isObject(value)) throw expected(what, value)
  for (const { name, type } of fields) {
    within(name, () => {
      if (!Object.hasOwn(value, name) || value[name] === undefined) throw new ValueError('is missing')
      write(out, type, value[name])
    })
  }
  if (out.isNewer) return
  const names = fields.map((it) => it.name)
  const unknown = Object.keys(value).find((it) => !names.includes(it))
  if (unknown !== undefined) {
    throw new ValueError(`is unknown; known are ${names.join(', ') || 'none'}`, unknown.slice(0, 60))
  }
}

function writeVariant(out: Out, cases: readonly Case[], value: unknown): void {
  const isPlain = typeof value === 'string'
  const [name, payload] = isPlain ? [value, null] : onlyMember('the name of a case, or { name: payload }', value)
  const index = position(cases.map((it) => it.name), name)
  out.writer.unsigned(8, index)
  const { type } = cases[index]!
  if ((type == null) !== isPlain) {
    throw expected(type == null ? `"${name}" alone, without payload` : `{ "${name}": its payload }`, value)
  }
  if (type != null) within(name, () => write(out, type, payload))
}

function writeFlags(out: Out, names: readonly string[], value: unknown): void {
  if (!Array.isArray(value)) throw expected('an array of names', value)
  const bits = new Uint8Array(Math.ceil(names.length / 8))
  for (const it of value) {
    const index = position(names, text('text', it))
    const bit = 1 << (index & 7)
    if (bits[index >> 3]! & bit) throw new ValueError('is given twice', String(it))
    bits[index >> 3]! |= bit
  }
  out.writer.raw(bits)
}

interface In {
  readonly network: Network
  readonly reader: Reader
}

function read(source: In, type: Type): Value {
  const { network, reader } = source
  const [kind, inner] = partsOf(type)
  switch (kind) {
    case 'bool':
      return reader.bit()
    case 'u8': case 'u16': case 'u32':
      return reader.unsigned(Number(kind.slice(1)) as 8)
    case 's8': case 's16': case 's32':
      return reader.signed(Number(kind.slice(1)) as 8)
    case 'u64':
      return reader.u64()
    case 's64':
      return reader.s64()
    case 'char': {
      const code = reader.unsigned(32)
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new ValueError(`${code} is no character`)
      return String.fromCodePoint(code)
    }
    case 'string':
      return reader.text()
    case 'address':
      return addressToText(network, reader.raw(32))
    case 'hash':
      return toHex(reader.raw(32))
    case 'list': {
      if (inner === 'u8') return reader.bytes()
      const count = reader.count(Math.max(1, bytesMin(inner)))
      return Array.from({ length: count }, (_, index) => within(`[${index}]`, () => read(source, inner)))
    }
    case 'option':
      if (!reader.bit()) return null
      return partsOf(inner)[0] === 'option' ? { some: read(source, inner) } : read(source, inner)
    case 'result': {
      const name = reader.bit() ? 'ok' : 'err'
      return { [name]: inner[name] == null ? null : within(name, () => read(source, inner[name])) }
    }
    case 'tuple':
      return inner.map((it: Type, index: number) => within(`[${index}]`, () => read(source, it)))
    case 'record':
      return readFields(source, inner)
    case 'variant': {
      const { name, type: payload } = (inner as Case[])[reader.case(inner.length)]!
      return payload == null ? name : { [name]: within(name, () => read(source, payload)) }
    }
    case 'enum':
      return (inner as string[])[reader.case(inner.length)]!
    default:
      return readFlags(reader, inner)
  }
}

function readFields(source: In, fields: readonly Field[]): { [name: string]: Value } {
  // A field called __proto__ must be a field like any other; WIT's names cannot be so, those of a lying node can.
  const record: { [name: string]: Value } = Object.create(null)
  for (const { name, type } of fields) record[name] = within(name, () => read(source, type))
  return record
}

function readFlags(reader: Reader, names: readonly string[]): string[] {
  const bits = reader.raw(Math.ceil(names.length / 8))
  const isSet = (index: number): boolean => ((bits[index >> 3]! >> (index & 7)) & 1) === 1
  for (let index = names.length; index < bits.length * 8; index++) {
    if (isSet(index)) throw new ValueError('bits are set that belong to no flag')
  }
  return names.filter((_, index) => isSet(index))
}
