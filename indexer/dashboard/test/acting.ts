/** Acting with a key in the browser: the sentence first, then the signature. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { findings, nothing, open, screenshot, settled } from './browser.js'
import type { Network } from './network.js'

async function choosePay(page: Page, network: Network, amount: string, reference = ''): Promise<void> {
  await page.goto(`${network.url}/wallet/accounts/${network.payee}`)
  await settled(page)
  await page.getByLabel('Amount', { exact: true }).fill(amount)
  await page.getByLabel('Reference', { exact: true }).fill(reference)
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.getByRole('dialog', { name: 'Pay' }).waitFor()
}

export function acting(network: () => Network, browser: () => Browser): void {
  test('a payment is shown as a sentence, signed with a key that cannot be read, and final', async () => {
    const { page, wrongs } = await open(browser())
    await choosePay(page, network(), '12.34', 'lunch')
    await page.getByText(`ehb call wallet transfer-with-reference to='${network().payee}' asset='EUR' amount='1234' reference='lunch'`).waitFor()
    await page.getByLabel('24 words, or the seed').fill(network().payerSeed)
    await page.getByRole('button', { name: 'Import' }).click()
    await page.locator('.act select').waitFor()
    await screenshot(page, 'act key')
    await page.getByRole('button', { name: 'Show what it would do' }).click()
    await page.getByRole('dialog').getByText('12.34').waitFor()
    assert.deepEqual(await findings(page), [])
    await screenshot(page, 'act sentence')
    await page.getByRole('button', { name: 'Sign and send' }).click()
    await page.getByText(/^Final: transaction/).waitFor()
    const extractable = await page.evaluate(() => new Promise((resolve, reject) => {
      const opening = indexedDB.open('ehb')
      opening.onerror = () => reject(opening.error)
      opening.onsuccess = () => {
        const reading = opening.result.transaction('keys').objectStore('keys').getAll()
        reading.onsuccess = () => resolve(reading.result.map((it: { privateKey: CryptoKey }) => it.privateKey.extractable))
      }
    }))
    assert.deepEqual(extractable, [false])
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('row', { name: /pays 12\.34 EUR/ }).first().waitFor()
    nothing(wrongs, 'acting')
  })

  test('what would fail is not signed, and a damaged key is refused with what is wrong', async () => {
    const { page, wrongs } = await open(browser())
    await choosePay(page, network(), '184467440737095516.15')
    await page.getByLabel('24 words, or the seed').fill('abandon abandon ability')
    await page.getByRole('button', { name: 'Import' }).click()
    await page.locator('.act .verdict.bad').waitFor()
    await page.getByLabel('24 words, or the seed').fill(network().payerSeed)
    await page.getByRole('button', { name: 'Import' }).click()
    await page.getByRole('button', { name: 'Show what it would do' }).click()
    await page.getByText(/^It would fail/).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Sign and send' }).isDisabled())
    await screenshot(page, 'act fails')
    nothing(wrongs, 'acting that fails')
  })

  test('a key whose account is not registered names who registers it', async () => {
    const { page, wrongs } = await open(browser())
    await choosePay(page, network(), '1')
    await page.getByRole('button', { name: 'Create a new key' }).click()
    await page.getByRole('button', { name: 'Show what it would do' }).click()
    await page.getByText(/No account is registered for ehbt1[a-z0-9]+: an administrator/).waitFor()
    nothing(wrongs, 'a new key')
  })
}
