/** What people do with the dashboard: search, filter, share, look at the past, and watch what happens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCall, execute, expectFinal, formatAmount, read, signerAddress } from '@ehb/sdk'
import type { Browser } from 'playwright-core'
import { nothing, open, screenshot, settled } from './browser.js'
import type { Network } from './network.js'

/** From finality until a page shows it, ms. */
const LIVE_MAX_MS = 1_000
/** The same where the machine has other work; the measured time is printed. */
const LIVE_PATIENCE_MS = 5_000

/** How much the processor is slowed, the budget until the first view is usable, and the same where the machine has other work. */
const SLOWED = 4
const USABLE_MAX_MS = 1_000
const USABLE_PATIENCE_MS = 8_000

export function work(network: () => Network, browser: () => Browser): void {
  test('a payment appears on the page without loading it again', async (t) => {
    const { client, payer, payee, url } = network()
    const { page, wrongs } = await open(browser())
    await page.goto(url)
    await settled(page)
    await page.locator('.fresh.good').waitFor()
    const before = await page.evaluate(() => performance.timeOrigin)
    const amount = 1_200n + BigInt(Math.floor(Math.random() * 90))
    const pay = await encodeCall(client, 'wallet', 'transfer', { to: payee, asset: 'EUR', amount })
    expectFinal(await execute(client, payer, { calls: [pay] }))
    const final = Date.now()
    await page.getByText(`${formatAmount(amount, 2)} EUR`).first().waitFor({ timeout: LIVE_PATIENCE_MS })
    const took = Date.now() - final
    t.diagnostic(`shown ${took} ms after finality (${took <= LIVE_MAX_MS ? 'within' : 'over'} the budget of ${LIVE_MAX_MS} ms)`)
    assert.equal(await page.evaluate(() => performance.timeOrigin), before)
    nothing(wrongs, 'live')
  })

  test('the first view is soon usable on a slow processor', async (t) => {
    const { page, wrongs } = await open(browser())
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWED })
    const begun = Date.now()
    await page.goto(network().url, { waitUntil: 'commit' })
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Network' }).waitFor()
    const took = Date.now() - begun
    t.diagnostic(`usable after ${took} ms, ${SLOWED} times slowed (budget ${USABLE_MAX_MS} ms)`)
    assert.ok(took < USABLE_PATIENCE_MS, `${took} ms`)
    nothing(wrongs, 'slow')
  })

  test('the search is opened by a key, finds a product by a word, and goes there', async () => {
    const { page, wrongs } = await open(browser())
    await page.goto(network().url)
    await settled(page)
    await page.keyboard.press('/')
    await page.keyboard.type('hammer')
    await page.getByRole('option', { name: /Product.*Hammer/ }).first().waitFor()
    await screenshot(page, 'search')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /Hammer/ }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('nothing-has-this-name')
    await page.getByText('Nothing has these words.').waitFor()
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('dialog[open]').count(), 0)
    nothing(wrongs, 'search')
  })

  test('the address of a page holds its filters, and a forged one harms nobody', async () => {
    const { page, wrongs } = await open(browser())
    await page.goto(`${network().url}/market`)
    await settled(page)
    await page.getByRole('button', { name: /^resolved/ }).click()
    await page.waitForURL('**/market?state=resolved')
    await page.getByRole('row').nth(1).waitFor()
    const shared = await open(browser())
    await shared.page.goto(page.url())
    await settled(shared.page)
    assert.equal(await shared.page.getByRole('button', { name: /^resolved/ }).getAttribute('aria-pressed'), 'true')
    const states = await shared.page.locator('tbody .badge').allTextContents()
    assert.ok(states.length > 0 && states.every((it) => it === 'resolved'), states.join())
    // A filter of another page, a cursor of somebody, and a text that is no state.
    await page.goto(`${network().url}/market?cursor=forged&asset=EUR&state=${encodeURIComponent('<b>x</b>')}`)
    await page.getByText('There are no orders that match.').waitFor()
    nothing(wrongs, 'filters')
    await page.goto(`${network().url}/explorer/blocks?to=abc`)
    await page.getByText('expected a number').waitFor()
  })

  test('balances of an earlier block are those that the chain had', async () => {
    const { client, payer, payee, url } = network()
    const heights: number[] = []
    for (const amount of [700n, 800n]) {
      const pay = await encodeCall(client, 'wallet', 'transfer', { to: payee, asset: 'EUR', amount })
      heights.push(expectFinal(await execute(client, payer, { calls: [pay] })).height)
    }
    const [then, now] = heights as [number, number]
    const address = signerAddress(client.chain.network, payer)
    const { value } = await read(client, 'wallet', 'get-balance', { account: address, asset: 'EUR' }, { at: then })
    const expected = formatAmount((value as { available: bigint }).available, 2)
    const { page, wrongs } = await open(browser())
    await page.goto(`${url}/explorer/blocks/${now}`)
    await settled(page)
    await page.goto(`${url}/wallet/accounts/${address}?at=${then}`)
    await settled(page)
    await page.getByText(`after block ${then}`).waitFor()
    const shown = await page.locator('section', { hasText: 'Balances' }).locator('tbody td').nth(1).textContent()
    assert.equal(shown?.replaceAll(',', ''), `${expected} EUR`)
    await page.goto(`${url}/wallet/accounts/${address}?at=yesterday`)
    await page.getByText('Enter a date such as').waitFor()
    nothing(wrongs, 'as of')
  })

  test('a list is downloaded with the filters of the page', async () => {
    const { page } = await open(browser())
    const bob = network().people['bob']!
    await page.goto(`${network().url}/wallet/accounts/${bob}/EUR`)
    await settled(page)
    const link = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href')
    const csv = await (await fetch(network().url + link)).text()
    const [head, ...rows] = csv.trim().split('\n')
    assert.ok(head!.startsWith('account,asset,'), head)
    assert.ok(rows.length > 5 && rows.every((it) => it.startsWith(`${bob},EUR,`)))
  })

  test('everything is reached by the keyboard', async () => {
    const { page } = await open(browser())
    await page.goto(network().url)
    await settled(page)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'content')
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Network' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Network' }).waitFor()
    // A screen reader begins at the new page.
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'content')
    assert.match(await page.title(), /^Network/)
  })
}
