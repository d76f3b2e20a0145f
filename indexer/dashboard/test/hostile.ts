/** Bad input: texts that attack, numbers beyond 2^53, servers that lag, lie and disappear. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Route } from 'playwright-core'
import { nothing, open, screenshot, settled } from './browser.js'
import type { Network } from './network.js'

/** Answers a list with other rows. */
const changed = (change: (body: any) => unknown) => async (route: Route): Promise<void> => {
  const answer = await route.fetch()
  await route.fulfill({ response: answer, json: change(await answer.json()) })
}

export function hostile(network: () => Network, browser: () => Browser): void {
  test('texts that attack the page or the eye are shown as text', async () => {
    const { page, wrongs } = await open(browser())
    const title = '<img src=x onerror="alert(1)">\u202egnp.\u200bexe'
    let alerts = 0
    page.on('dialog', (it) => { alerts += 1; void it.dismiss() })
    await page.route('**/v1/products?*', changed((body) => ({ ...body, data: body.data.map((it: object) => ({ ...it, title, summary: 'javascript:alert(2)' })) })))
    await page.goto(`${network().url}/market/products`)
    await page.getByText('<img src=x onerror="alert(1)">⟨U+202E⟩gnp.⟨U+200B⟩exe').first().waitFor()
    await screenshot(page, 'hostile texts')
    assert.equal(await page.locator('main img').count(), 0)
    assert.equal(alerts, 0)
    nothing(wrongs, 'texts')
  })

  test('the largest amounts are exact, and no amount is shown without the format of its asset', async () => {
    const { page, wrongs } = await open(browser())
    const max = '18446744073709551615'
    await page.route('**/v1/balances?*', changed((body) => ({ ...body, data: [{ ...body.data[0], available: max, held: max }] })))
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    await page.route('**/v1/assets?*', async (route) => { await held; await route.continue() })
    await page.goto(`${network().url}/wallet/accounts/${network().people['bob']}`)
    const cells = page.locator('section', { hasText: 'Balances' }).locator('tbody td')
    await cells.first().waitFor()
    assert.equal(await cells.nth(1).textContent(), '…')
    release()
    await page.getByText('184,467,440,737,095,516.15').first().waitFor()
    assert.equal(await cells.nth(3).textContent(), '368,934,881,474,191,032.30 EUR')
    nothing(wrongs, 'amounts')
  })

  test('a server that disappears and comes back', async () => {
    const { page } = await open(browser(), {}, ['ERR_INTERNET_DISCONNECTED', 'Failed to fetch'])
    await page.goto(`${network().url}/explorer`)
    await settled(page)
    await page.locator('.fresh.good').waitFor()
    await page.context().setOffline(true)
    // What was read before stays, marked as old.
    await page.locator('.fresh.bad').waitFor()
    await page.locator('.warning').waitFor()
    assert.ok((await page.getByRole('row').count()) > 1)
    await screenshot(page, 'offline')
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Explorer' }).click()
    await page.context().setOffline(false)
    await page.locator('.fresh.good').waitFor()
    assert.equal(await page.locator('.warning').count(), 0)
  })

  test('an error is said with what helps, and trying again works', async () => {
    const { page } = await open(browser(), {}, ['503', '404'])
    let fails = true
    await page.route('**/v1/stores?limit=50', (route) => fails ? route.fulfill({ status: 400, json: { error: { code: 'SLOW', message: 'the query took longer than 5 s: restrict it by filters' } } }) : route.continue())
    await page.goto(`${network().url}/market/stores`)
    await page.getByText('the query took longer than 5 s').waitFor()
    await screenshot(page, 'problem')
    fails = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('row').nth(1).waitFor()
    await page.route('**/v1/overdue-bills?*', (route) => route.fulfill({ status: 404, json: { error: { code: 'NO_PATH', message: 'there is no such path' } } }))
    await page.goto(`${network().url}/credit/overdue`)
    await page.getByText('This server does not offer this list').waitFor()
  })

  test('tables that do not move are marked as old', async () => {
    const { page } = await open(browser())
    await page.route('**/v1/live', (route) => route.fulfill({ headers: { 'content-type': 'text/event-stream' }, body: `retry: 100000\n\nid: 5\nevent: block\ndata: ${JSON.stringify({ height: 5, time: '2020-01-01T00:00:00Z', transactions: 0, modules: [] })}\n\n` }))
    await page.goto(`${network().url}/developers/webhooks`)
    await page.locator('.fresh.bad').waitFor()
  })
}
