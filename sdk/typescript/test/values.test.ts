/** Values of WIT types are encoded, read and refused as Rust does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkInterface, checkType, decodeArguments, decodeValue, encodeArguments, encodeValue, fromHex, toHex, toJson,
} from '@ehb/sdk'
import { vectors } from './vectors.js'

const all = vectors('values')
const isRefusal = (error: any): boolean => error.kind === 'value' || error.kind === 'encoding' || error.kind === 'address'

test('values become the bytes that Rust writes, and back', () => {
  for (const { type, value, bytes } of all.values) {
    assert.equal(toHex(encodeValue('test', type, value)), bytes, JSON.stringify(type))
    const read = decodeValue('test', type, fromHex(bytes))
    assert.deepEqual(JSON.parse(JSON.stringify(toJson(read))), value)
    assert.equal(toHex(encodeValue('test', type, read)), bytes)
  }
})

test('64-bit integers are bigints, bytes are byte arrays', () => {
  assert.equal(decodeValue('test', 'u64', fromHex('ff'.repeat(8))), 2n ** 64n - 1n)
  assert.equal(decodeValue('test', 's64', fromHex('ff'.repeat(8))), -1n)
  assert.deepEqual(decodeValue('test', { list: 'u8' }, fromHex('0100000007')), Uint8Array.of(7))
  assert.throws(() => encodeValue('test', 'u64', 2 ** 53), isRefusal, 'a number that may be rounded')
})

test('values that Rust refuses are refused', () => {
  for (const { type, value } of all.valuesRefused) {
    assert.throws(() => encodeValue('test', type, value), isRefusal, JSON.stringify({ type, value }))
  }
  for (const { type, bytes } of all.bytesRefused) {
    assert.throws(() => decodeValue('test', type, fromHex(bytes)), isRefusal, JSON.stringify({ type, bytes }))
  }
  for (const type of all.typesRefused) assert.throws(() => checkType(type), { kind: 'protocol' }, JSON.stringify(type))
})

test('arguments are given by name or position', () => {
  const { parameters, named, positional, bytes, refused } = all.arguments
  assert.equal(toHex(encodeArguments('test', parameters, named)), bytes)
  assert.equal(toHex(encodeArguments('test', parameters, positional)), bytes)
  assert.deepEqual(toJson(decodeArguments('test', parameters, fromHex(bytes))), named)
  for (const it of refused) assert.throws(() => encodeArguments('test', parameters, it), isRefusal, JSON.stringify(it))
})

test('an error says where in the value the problem is', () => {
  const type = { record: [{ name: 'lines', type: { list: { record: [{ name: 'amount', type: 'u64' }] } } }] } as const
  const value = { lines: [{ amount: 1n }, { amount: -1n }] }
  assert.throws(() => encodeValue('test', type, value), { path: 'lines[1].amount', code: 'BAD_ARGUMENTS' })
})

test('an invalid interface is refused, however large or deep it is', () => {
  const withType = (type: unknown) => ({ functions: [{ name: 'f', parameters: [{ name: 'x', type }], result: null, docs: '' }], event: null })
  checkInterface(withType('u64'))
  const deep = (depth: number) => Array.from({ length: depth }).reduce((type) => ({ list: type }), 'u8')
  checkInterface(withType(deep(31)))
  const recursive: any = {}
  recursive.list = recursive
  const lies = [
    null, 1, [], {}, { functions: {} }, { functions: [null] }, withType(deep(32)), withType(deep(100_000)),
    withType(recursive), withType({ tuple: Array(257).fill('u8') }), withType('constructor'), withType({ list: 'toString' }),
    { functions: Array(5000).fill(withType('u8').functions[0]), event: null },
  ]
  for (const lie of lies) assert.throws(() => checkInterface(lie), { kind: 'protocol' })
})
