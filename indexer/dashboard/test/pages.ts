/** Every page: without an error or report of the content policy, accessible, in both themes, and on a phone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser } from 'playwright-core'
import { findings, nothing, open, screenshot, settled } from './browser.js'
import type { Network } from './network.js'

/** All pages; items of the story are looked up by what the story gave them. */
export async function paths(network: Network): Promise<string[]> {
  const first = async (list: string): Promise<any> => {
    const answer = await fetch(`${network.url}/v1/${list}`)
    const { data } = (await answer.json()) as { data: any[] }
    assert.ok(data[0] !== undefined, `${list} has no row`)
    return data[0]
  }
  const bob = network.people['bob']
  const order = await first(`sub-orders?buyer=${bob}`)
  const line = await first(`order-lines?subOrder=${order.id}`)
  const { product } = await first(`variants?id=${line.variant}`)
  const contract = await first('contracts')
  const programme = await first(`programmes?issuer=${network.people['carol']}`)
  const transaction = await first('transactions?kind=transaction')
  return [
    '/', '/explorer', `/explorer/transactions/${transaction.id}`, '/explorer/blocks', '/explorer/blocks/3', '/explorer/events', '/explorer/modules', '/explorer/modules/wallet',
    '/market', `/market/orders/${order.id}`, '/market/products', `/market/products/${product}`, '/market/stores', `/market/stores/${order.store}`, '/market/disputes',
    '/jobs', `/jobs/postings/${contract.posting}`, '/jobs/contracts', `/jobs/contracts/${contract.id}`,
    '/wallet', `/wallet/accounts/${bob}`, `/wallet/accounts/${bob}/EUR`, '/wallet/holds', '/wallet/requests', '/wallet/assets',
    '/credit', `/credit/programmes/${programme.id}`, '/credit/usage', '/credit/lines', '/credit/grants', '/credit/overdue',
    '/network', '/network/proposals', '/network/roles', '/network/upgrades', '/network/audit', '/network/parameters',
    '/developers', '/developers/api', '/developers/console', '/developers/webhooks',
  ]
}

export function pages(network: () => Network, browser: () => Browser): void {
  for (const [theme, phone] of [['light', false], ['dark', false], ['light', true]] as const) {
    test(`each page is whole and accessible: ${theme}${phone ? ', on a phone' : ''}`, async () => {
      const options = { colorScheme: theme, ...(phone && { viewport: { width: 390, height: 844 } }) }
      const { page, wrongs } = await open(browser(), options)
      for (const path of await paths(network())) {
        await page.goto(network().url + path)
        await settled(page)
        nothing(wrongs, path)
        assert.deepEqual(await findings(page), [], path)
        assert.equal(await page.locator('.problem').count(), 0, `${path} shows a problem`)
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        assert.equal(excess, 0, `${path} is wider than the window`)
        await screenshot(page, `${path} ${theme} ${phone ? 'phone' : ''}`)
      }
    })
  }

  test('an address without a page, and items that do not exist, say so', async () => {
    const { page } = await open(browser())
    for (const path of ['/nowhere', '/market/orders/99999999', '/explorer/blocks/99999999', '/wallet/accounts/ehbt1nobody', '/explorer/transactions/zz']) {
      await page.goto(network().url + path)
      await page.getByText('There is nothing with this address').first().waitFor()
    }
  })
}
