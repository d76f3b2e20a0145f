/** The package's size, exports and types. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as sdk from '@ehb/sdk'
import * as proofs from '@ehb/sdk/proofs'
import * as testnet from '@ehb/sdk/testnet'
import * as words from '@ehb/sdk/words'
import { bundle } from './bundle.js'
import { PACKAGE } from './vectors.js'

/** A bundle's size, minified and compressed, bytes. */
const sizeOf = async (code: string): Promise<number> => gzipSync(await bundle(code), { level: 9 }).length

const KB = 1024

test('the core is under 30 KB minified and compressed, with proof files and words under 45', async () => {
  const core = await sizeOf(`export * from '@ehb/sdk'`)
  const all = await sizeOf(`export * from '@ehb/sdk'; export * from '@ehb/sdk/proofs'; export * from '@ehb/sdk/words'`)
  assert.ok(core < 30 * KB, `${core} bytes`)
  assert.ok(all < 45 * KB, `${all} bytes`)
})

test('a bundle holds only what it imports', async () => {
  assert.ok((await sizeOf(`import '@ehb/sdk'`)) < 100)
  const part = await sizeOf(`export { addressFromText } from '@ehb/sdk'`)
  assert.ok(part < 4 * KB, `${part} bytes`)
  const encode = await bundle(`export { encodeTransaction } from '@ehb/sdk'`)
  assert.ok(!encode.includes('WebSocket') && !encode.includes('fetch'))
})

test('the exports are the listed ones', () => {
  const list = (name: string, module: object) => Object.keys(module).sort().map((it) => `${name} ${it}\n`).join('')
  const actual = list('@ehb/sdk', sdk) + list('@ehb/sdk/proofs', proofs) + list('@ehb/sdk/testnet', testnet) + list('@ehb/sdk/words', words)
  const file = new URL('test/exports.txt', PACKAGE)
  if (process.env['UPDATE_EXPECT'] === '1') writeFileSync(file, actual)
  assert.equal(actual, readFileSync(file, 'utf8'), 'run the tests with UPDATE_EXPECT=1 if this is meant')
})

test('the files of package.json exist, and the lock file names no registry', () => {
  const read = (name: string) => readFileSync(new URL(name, PACKAGE), 'utf8')
  const { exports, sideEffects } = JSON.parse(read('package.json'))
  assert.equal(sideEffects, false)
  for (const entry of [exports['.'], exports['./proofs'], exports['./testnet'], exports['./words']]) {
    for (const path of Object.values(entry)) assert.ok(existsSync(new URL(path as string, PACKAGE)), String(path))
  }
  assert.doesNotMatch(read('package-lock.json'), /"resolved"|https?:\/\/(?!(opencollective|github|paulmillr|feross|www\.patreon))/)
})

// Types are checked by compiling this: a line with `@ts-expect-error` fails to compile if it has no error.
test('types refuse what the chain refuses', async () => {
  const transaction: sdk.Transaction = {
    version: 1, chain: new Uint8Array(32), sender: new Uint8Array(32), lane: 0, sequence: 0n, validUntilMs: 0,
    gasLimit: 0n, calls: [], memo: '',
  }
  // @ts-expect-error An amount is a bigint.
  const wrong: sdk.Transaction = { ...transaction, sequence: 0 }
  // @ts-expect-error A transaction is immutable.
  const change = (it: sdk.Transaction) => { it.sequence = 1n }
  // @ts-expect-error There is no such network.
  const network: sdk.Network = 'production'
  const outcome = { status: 'unknown', reason: 'x' } as sdk.Outcome
  if (outcome.status === 'final') outcome.receipt satisfies sdk.LocatedReceipt
  // @ts-expect-error Only a final or failed outcome has a receipt.
  const receipt = outcome.receipt
  const code: sdk.Code = 'SEQUENCE_GAP'
  change(wrong)
  assert.ok(code in sdk.CODES && network && !receipt && wrong.sequence === 1n)
})
