/** Hashes, signatures, addresses, names and the error catalogue are those of Rust. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressFromText, addressOfAccount, addressOfModule, addressToText, CODES, type Domain, DOMAINS, encodeTransaction,
  fromHex, hash, keyOfSeed, merkleRoot, pairHasher, type Policy, publicKeyOf, signedMessage, toHex, verifyInclusion,
  verifySignature,
} from '@ehb/sdk'
import { counting, vectors } from './vectors.js'

const all = vectors('keys')

test('hashes of each domain', () => {
  assert.deepEqual({ ...DOMAINS }, all.domains)
  for (const it of all.hashes) assert.equal(toHex(hash(it.domain, counting(it.length))), it.hash)
  for (const it of all.pairs) {
    assert.equal(toHex(pairHasher(it.domain as Domain)(fromHex(it.left), fromHex(it.right))), it.hash, it.domain)
  }
})

test('signatures are accepted exactly where Rust accepts them, by ZIP-215', async () => {
  assert.ok(all.signatures.length > 200)
  for (const it of all.signatures) {
    const message = signedMessage(it.domain, fromHex(it.chain), fromHex(it.payload))
    if (it.seed !== null) {
      const key = await keyOfSeed(fromHex(it.seed))
      assert.equal(toHex(publicKeyOf(fromHex(it.seed))), it.key)
      assert.equal(toHex(key.publicKey), it.key)
      assert.equal(toHex(await key.sign(message)), it.signature)
    }
    const verifies = await verifySignature(fromHex(it.key), message, fromHex(it.signature))
    assert.equal(verifies, it.verifies, `${it.key} ${it.signature}`)
  }
})

test('without WebCrypto keys sign and verify the same', async (context) => {
  const subtle = globalThis.crypto.subtle
  Object.defineProperty(globalThis.crypto, 'subtle', { configurable: true, value: undefined })
  context.after(() => Object.defineProperty(globalThis.crypto, 'subtle', { configurable: true, value: subtle }))
  const signed = all.signatures.filter((it: any) => it.seed !== null)
  assert.ok(signed.length >= 4)
  for (const it of signed) {
    const message = signedMessage(it.domain, fromHex(it.chain), fromHex(it.payload))
    const key = await keyOfSeed(fromHex(it.seed))
    assert.equal(toHex(await key.sign(message)), it.signature)
    assert.equal(await verifySignature(key.publicKey, message, fromHex(it.signature)), true)
    assert.equal(await verifySignature(key.publicKey, counting(9), fromHex(it.signature)), false)
  }
})

function policyOf(json: any): Policy {
  if (json.key !== undefined) return { key: fromHex(json.key) }
  const keys = json.weighted.keys.map((it: any) => ({ key: fromHex(it.key), weight: it.weight }))
  return { keys, threshold: json.weighted.threshold }
}

test('addresses have one text', () => {
  for (const it of all.accounts) {
    const address = addressOfAccount(policyOf(it.policy))
    assert.equal(toHex(address), it.address)
    for (const network of ['main', 'test'] as const) {
      assert.equal(addressToText(network, address), it[network])
      assert.deepEqual(addressFromText(network, it[network]), address)
    }
    assert.throws(() => addressFromText('main', it.test), { kind: 'address' })
  }
  for (const it of all.modules) assert.equal(addressToText('test', addressOfModule(it.name)), it.test)
  assert.ok(all.addressesRefused.length > 60)
  for (const text of all.addressesRefused) assert.throws(() => addressFromText('test', text), { kind: 'address' }, text)
})

test('names are checked as Rust checks them', () => {
  const encode = (module: string) =>
    encodeTransaction({
      version: 1, chain: new Uint8Array(32), sender: new Uint8Array(32), lane: 0, sequence: 0n, validUntilMs: 0,
      gasLimit: 0n, calls: [{ module, function: 'f', arguments: new Uint8Array() }], memo: '',
    })
  for (const name of all.names.good) encode(name)
  for (const name of all.names.bad) assert.throws(() => encode(name), { kind: 'encoding' }, name)
})

test('leaves are proven at their position and nowhere else', () => {
  for (const tree of all.merkle) {
    const leaves = tree.leaves.map((it: string) => fromHex(it))
    const root = fromHex(tree.root)
    assert.equal(toHex(merkleRoot(leaves)), tree.root)
    tree.proofs.forEach((it: any, index: number) => {
      const proof = { index: it.index, path: it.path.map((hash: string) => fromHex(hash)) }
      assert.ok(verifyInclusion(root, leaves.length, leaves[index], proof))
      for (let other = -1; other < 20; other++) {
        if (other !== index) assert.ok(!verifyInclusion(root, leaves.length, leaves[index], { ...proof, index: other }))
      }
      assert.ok(!verifyInclusion(root, leaves.length, counting(5), proof))
      assert.ok(!verifyInclusion(root, leaves.length, leaves[index], { index, path: [...proof.path, root] }))
    })
  }
})

test('the error catalogue is that of the node', () => {
  const listed = all.codes.map((it: any) => [it.code, [it.number, it.retryable, it.hint]])
  assert.deepEqual(JSON.parse(JSON.stringify(CODES)), Object.fromEntries(listed))
})
