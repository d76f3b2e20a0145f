/** A generated client compiles, encodes as the interface says, and holds nothing but types, data and comments. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeArguments, toHex } from '@ehb/sdk'
import { type Described, generateClient } from '@ehb/sdk/codegen'
import { compile } from './compile.js'
import { vectors } from './vectors.js'

const { values, arguments: transfer } = vectors('values')
const codeHash = 'ab'.repeat(32)

/** A module with a function for each type of the shared vectors. */
function everyType(): Described {
  const types = [...new Map(values.map((it: any) => [JSON.stringify(it.type), it.type])).values()] as any[]
  const err = { variant: [{ name: 'no' }, { name: 'too-much', type: 'u64' }] }
  const functions: any[] = types.map((type, index) => ({
    name: `f-${index}`, interface: 'x', parameters: [{ name: 'a-b', type }], result: { result: { ok: type, err } }, docs: `Number ${index}.`,
  }))
  functions.push({ name: 'delete', interface: 'x', parameters: [], result: null, docs: '' })
  functions.push({ name: 'transfer', interface: 'x', parameters: transfer.parameters, result: null, docs: 'Pays.' })
  return { name: 'every', codeHash, interface: { functions, event: { variant: [{ name: 'done' }] } } }
}

test('a client for every type compiles and encodes the shared vectors', async () => {
  const described = everyType()
  const use = `
    import { delete_, f4, transfer, type ModuleError } from './every.js'
    export const call = transfer.call('test', ${JSON.stringify(transfer.named).replace(/"(\d+)"/, '$1n')})
    export const empty = delete_.call('test', {})
    export const six: bigint = f4.result('test', new Uint8Array([6, 0, 0, 0, 0, 0, 0, 0]))
    export const error: ModuleError = f4.error('test', new Uint8Array([0]))
    // @ts-expect-error An amount is a bigint.
    export const wrong = () => transfer.call('test', { to: 'x', amount: 1 })
    // @ts-expect-error No argument is optional.
    export const less = () => transfer.call('test', { to: 'x' })
  `
  const folder = await compile('every', { 'every.ts': generateClient(described), 'use.ts': use })
  const { call, empty, six, error } = await import(new URL('use.js', folder).href)
  assert.equal(toHex(call.arguments), transfer.bytes)
  assert.deepEqual([call.module, call.function], ['every', 'transfer'])
  assert.deepEqual([empty.arguments.length, six, error], [0, 6n, 'no'])
  const module = await import(new URL('every.js', folder).href)
  described.interface.functions.forEach(({ name, parameters }) => {
    const { value } = values.find((it: any) => JSON.stringify(it.type) === JSON.stringify(parameters[0]?.type)) ?? {}
    if (value === undefined || name === 'transfer') return
    const own = module[name.replace('-', '')]
    assert.deepEqual(own.call('test', { 'a-b': value }).arguments, encodeArguments('test', parameters, [value]))
  })
  assert.equal(module.decodeEvent('test', Uint8Array.of(0)), 'done')
})

test('nothing in a description can become code', async () => {
  const evil = "*/ globalThis.taken = true /* \u202e \u2028 globalThis.taken = true\r\nglobalThis.taken = true"
  const docs = { name: 'f', interface: evil, parameters: [], result: null, docs: evil }
  const described = (change: object) => ({ name: 'every', codeHash, interface: { functions: [{ ...docs, ...change }], event: null } })
  const folder = await compile('evil', { 'evil.ts': generateClient(described({})) })
  await import(new URL('evil.js', folder).href)
  assert.equal((globalThis as any).taken, undefined)
  assert.doesNotMatch(generateClient(described({})), /[\u202a-\u202e\u2028\u2029\r]/)
  for (const name of [evil, "a'b", 'a"', 'a\nb', '', '__proto__', 'a b']) {
    const field = [{ name, type: 'u8' }]
    for (const type of [{ record: field }, { variant: [{ name }] }, { enum: [name] }, { flags: [name] }]) {
      assert.throws(() => generateClient(described({ parameters: [{ name: 'x', type }] })), { kind: 'protocol' }, name)
    }
    assert.throws(() => generateClient(described({ parameters: field })), { kind: 'protocol' }, name)
    assert.throws(() => generateClient(described({ name })), { kind: 'encoding' }, name)
    assert.throws(() => generateClient({ ...described({}), name }), { kind: 'encoding' }, name)
  }
  assert.throws(() => generateClient({ ...described({}), codeHash: evil }), { kind: 'encoding' })
})
