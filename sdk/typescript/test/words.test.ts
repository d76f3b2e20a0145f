/** Words and derived keys are those of the official vectors; wrong words are refused with the reason. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex, publicKeyOf, toHex } from '@ehb/sdk'
import { accountPath, checkWords, deriveSeed, newWords, seedOfWords, signerOfWords } from '@ehb/sdk/words'
import { vectors } from './vectors.js'

const all = vectors('words')

test('BIP-39: the official vectors', async () => {
  for (const it of all.bip39) assert.equal(toHex(await seedOfWords(it.words, 'TREZOR')), it.seed)
})

test('SLIP-0010 for ed25519: the official vectors', () => {
  for (const { seed, keys } of all.slip10) {
    for (const it of keys) {
      const derived = deriveSeed(fromHex(seed), it.path)
      assert.equal(toHex(derived), it.private, it.path)
      assert.equal(toHex(publicKeyOf(derived)), it.public, it.path)
    }
  }
})

test('new words are random, and can be read', async () => {
  for (const count of [12, 24] as const) {
    const words = newWords(count)
    assert.equal(words.split(' ').length, count)
    assert.equal(checkWords(words), words)
    assert.notEqual(newWords(count), words)
  }
})

test('an account is a path, and a passphrase makes it another one', async () => {
  const { words } = all.bip39[1]
  const first = await signerOfWords(words)
  const seed = deriveSeed(await seedOfWords(words), accountPath(0))
  assert.equal(toHex(first.keys[0]!.publicKey), toHex(publicKeyOf(seed)))
  for (const options of [{ index: 1 }, { passphrase: 'x' }]) {
    assert.notDeepEqual((await signerOfWords(words, options)).address, first.address)
  }
})

test('accounts are those of the wallet', async () => {
  for (const { words, index, public: key } of all.accounts) {
    assert.equal(toHex((await signerOfWords(words, { index })).keys[0]!.publicKey), key)
  }
})

test('extra spaces are accepted', () => {
  const { words } = all.bip39[1]
  assert.equal(checkWords(`\n ${words.replaceAll(' ', ' \t\u3000\u00a0')} `), words)
})

test('wrong words are refused with the reason, which repeats none of them', () => {
  const { words } = all.bip39[1]
  const cases: [string, RegExp][] = [
    ['', /not 1$/],
    [`${words} legal`, /24 words, not 13/],
    [`${words} ${words} legal`, /not 25/],
    [words.replace('winner', 'winer'), /^word 2 is not in the list/],
    [words.toUpperCase(), /^word 1 is not in the list/],
    [words.replace('yellow', 'legal'), /checksum/],
    [words.replace('legal winner', 'winner legal'), /checksum/],
  ]
  for (const [text, reason] of cases) {
    assert.throws(() => checkWords(text), (error: any) => {
      assert.equal(error.kind, 'key')
      assert.match(error.message, reason)
      assert.ok(!error.message.includes('thank') && !error.message.includes('winer'))
      return true
    })
  }
})

test('paths with other steps than hardened ones are refused', () => {
  const seed = new Uint8Array(64)
  for (const path of ['', 'x', "m/44", "m/44'/0", "m/2147483648'", "m/-1'", "m/01'", "m/1h", "m//1'", `m${"/1'".repeat(256)}`]) {
    assert.throws(() => deriveSeed(seed, path), { kind: 'key' }, path)
  }
})
