/** Proofs in the page: accepted when everybody says the truth, refused when the indexer or a node lies. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCall, execute, expectFinal, signerAddress } from '@ehb/sdk'
import type { Browser, Page, Route } from 'playwright-core'
import { nothing, open, screenshot, settled } from './browser.js'
import type { Network } from './network.js'

async function paid({ client, payer, payee }: Network): Promise<string> {
  const pay = await encodeCall(client, 'wallet', 'transfer', { to: payee, asset: 'EUR', amount: 4_200n })
  const done = await execute(client, payer, { calls: [pay] })
  expectFinal(done)
  return done.id
}

/** Waits until the indexer has a transaction. */
async function indexed({ url }: Network, id: string): Promise<void> {
  for (let left = 300; left > 0; left -= 1) {
    if ((await fetch(`${url}/v1/transactions/${id}`)).ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`the indexer has no ${id}`)
}

async function verify(page: Page, genesis: string): Promise<string> {
  await page.getByLabel('Hash of the genesis that you trust').fill(genesis)
  await page.getByRole('button', { name: 'Verify', exact: true }).last().click()
  await page.locator('.verdict').waitFor()
  return (await page.locator('.verdict').textContent()) ?? ''
}

export function proofs(network: () => Network, browser: () => Browser): void {
  const genesis = (): string => network().client.chain.genesisHash

  test('a transaction is proven by the validators', async () => {
    const id = await paid(network())
    await indexed(network(), id)
    const { page, wrongs } = await open(browser())
    await page.goto(`${network().url}/explorer/transactions/${id}`)
    await settled(page)
    assert.equal(await verify(page, genesis()), 'Proven: the validators decided exactly what this page shows.')
    assert.equal(await page.locator('.timeline li').count(), 6)
    await screenshot(page, 'proof accepted')
    nothing(wrongs, 'proof')
  })

  test('a balance is proven by an entry of the state', async () => {
    const { client, payer, url } = network()
    const { page, wrongs } = await open(browser())
    await page.goto(`${url}/wallet/accounts/${signerAddress(client.chain.network, payer)}`)
    await settled(page)
    await page.getByRole('button', { name: 'Verify EUR' }).click()
    assert.match(await verify(page, genesis()), /^Proven/)
    nothing(wrongs, 'proof of a balance')
  })

  test('another genesis, an indexer that lies and a node that lies are refused', async () => {
    const id = await paid(network())
    await indexed(network(), id)
    const { page } = await open(browser())
    await page.goto(`${network().url}/explorer/transactions/${id}`)
    await settled(page)
    assert.match(await verify(page, 'ab'.repeat(32)), /^Refused: the genesis of the node has the hash/)

    const lie = async (route: Route): Promise<void> => {
      const answer = await route.fetch()
      const body: any = await answer.json()
      for (const event of body.data.events) if (event.name === 'transferred') event.value.amount = '420000'
      await route.fulfill({ response: answer, json: body })
    }
    await page.route(`**/v1/transactions/${id}`, lie)
    await page.reload()
    await page.getByText('4,200.00').first().waitFor()
    assert.match(await verify(page, genesis()), /^Refused: event \d+ is not what the page shows/)
    await screenshot(page, 'proof refused')

    await page.unroute(`**/v1/transactions/${id}`, lie)
    await page.reload()
    await settled(page)
    for (const node of network().nodes) {
      await page.route(`${node}/**`, async (route) => {
        const answer = await route.fetch()
        const body: any = await answer.json()
        const proof = body.result?.proof?.path
        if (Array.isArray(proof)) body.result.proof.path = [...proof.slice(1), 'ab'.repeat(32)]
        else if (body.result?.receipt !== undefined) body.result.receipt = body.result.receipt.replace(/.(.)$/, '0$1')
        await route.fulfill({ response: answer, json: body })
      })
    }
    assert.match(await verify(page, genesis()), /^Refused/)
  })
}
