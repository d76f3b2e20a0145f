/** The same in a real browser, against the running network. Skipped where there is none: `EHB_CHROMIUM` names one. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { bundle } from '../bundle.js'
import { network, participant } from '../network.js'
import { vectors } from '../vectors.js'

const EXECUTABLE = [process.env['EHB_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find((it) => it && existsSync(it))
/** No background traffic: everything stays on this machine. */
const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]
const PATIENCE_MS = 120_000
const options = { skip: EXECUTABLE === undefined && 'no Chromium is installed', timeout: 2 * PATIENCE_MS }

/** A page that has the SDK as `sdk`, under a policy that allows only what the SDK needs. */
async function open(context: TestContext): Promise<Page> {
  const script = await bundle(`import * as a from '@ehb/sdk'; import * as b from '@ehb/sdk/words'; globalThis.sdk = { ...a, ...b }`)
  const policy = "default-src 'none'; script-src 'self'; connect-src http://127.0.0.1:* ws://127.0.0.1:*"
  const server = createServer((request, response) => {
    const isScript = request.url === '/sdk.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.setHeader('content-security-policy', policy)
    response.end(isScript ? script : '<!doctype html><title>x</title><script type="module" src="/sdk.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser: Browser = await chromium.launch({ executablePath: EXECUTABLE!, args: ARGS, timeout: PATIENCE_MS })
  context.after(async () => {
    await browser.close()
    server.close()
  })
  const page = await browser.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { timeout: PATIENCE_MS })
  await page.waitForFunction(() => (globalThis as any).sdk !== undefined)
  return page
}

test('a page pays, follows its payment, and proves it', options, async (context) => {
  const page = await open(context)
  const { urls, accounts, genesisText } = await network()
  const { address, other } = await participant()
  const seed = accounts.find((it) => it.address === address)!.seed
  const result = await page.evaluate(async ({ url, seed, other, genesisText }: any) => {
    const { sdk } = globalThis as any
    const client = await sdk.connect(url)
    const signer = await sdk.signerOfSeed(sdk.fromHex(seed))
    const { height } = await sdk.getStatus(client)
    const pay = await sdk.encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 25n })
    const done = await sdk.execute(client, signer, { calls: [pay], memo: 'from a page' })
    const located = sdk.expectFinal(done)
    const receipt = await sdk.getProvenReceipt(client, sdk.trustGenesis(genesisText), done.id)
    const followed = []
    for await (const notice of sdk.followBlocks(client, { fromHeight: height + 1 })) {
      followed.push(notice.block.header.height)
      if (notice.block.header.height >= located.height) break
    }
    return { id: done.id, proven: receipt.transaction, height, at: located.height, followed }
  }, { url: urls[0], seed, other, genesisText })
  assert.equal(result.proven, result.id)
  assert.deepEqual(result.followed, Array.from({ length: result.at - result.height }, (_, index) => result.height + 1 + index))
})

test('a page signs and verifies as Rust, with WebCrypto and without', options, async (context) => {
  const page = await open(context)
  const { signatures, pairs } = vectors('keys')
  const sample = signatures.filter((it: any, index: number) => it.seed !== null || index % 10 === 0)
  for (const hasWebCrypto of [true, false]) {
    const results = await page.evaluate(async ({ sample, hasWebCrypto }: any) => {
      const { sdk } = globalThis as any
      if (!hasWebCrypto) Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined })
      const all = []
      for (const it of sample) {
        const message = sdk.signedMessage(it.domain, sdk.fromHex(it.chain), sdk.fromHex(it.payload))
        const key = it.seed === null ? undefined : await sdk.keyOfSeed(sdk.fromHex(it.seed))
        all.push({
          signature: key === undefined ? it.signature : sdk.toHex(await key.sign(message)),
          verifies: await sdk.verifySignature(sdk.fromHex(it.key), message, sdk.fromHex(it.signature)),
        })
      }
      return all
    }, { sample, hasWebCrypto })
    assert.deepEqual(results, sample.map((it: any) => ({ signature: it.signature, verifies: it.verifies })))
  }
  const hashes = await page.evaluate((pairs: any) => {
    const { sdk } = globalThis as any
    return pairs.map((it: any) => sdk.toHex(sdk.pairHasher(it.domain)(sdk.fromHex(it.left), sdk.fromHex(it.right))))
  }, pairs)
  assert.deepEqual(hashes, pairs.map((it: any) => it.hash))
})

test('a key of WebCrypto that no page can read signs a payment', options, async (context) => {
  const page = await open(context)
  const verifies = await page.evaluate(async () => {
    const { sdk } = globalThis as any
    const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
    const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
    const signer = sdk.signerOfKey(sdk.keyOfCryptoKey(publicKey, pair.privateKey))
    const transaction = {
      version: 1, chain: new Uint8Array(32), sender: signer.address, lane: 0, sequence: 0n, validUntilMs: 1, gasLimit: 1n,
      calls: [{ module: 'wallet', function: 'transfer', arguments: new Uint8Array() }], memo: '',
    }
    return sdk.verifySigned(await sdk.signTransaction(transaction, signer.keys))
  })
  assert.equal(verifies, true)
})
