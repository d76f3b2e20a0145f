/** The dashboard on a real network, in a real browser. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { acting } from './acting.js'
import { closeAll, launch, PROGRAM } from './browser.js'
import { hostile } from './hostile.js'
import { languages, texts } from './languages.js'
import { type Network, PACKAGE, start } from './network.js'
import { pages } from './pages.js'
import { proofs } from './proofs.js'
import { size } from './size.js'
import { work } from './work.js'

describe('what is built', () => {
  size()
  texts()
})

describe('in the browser', { skip: PROGRAM === undefined ? 'there is no Chromium: run scripts/bootstrap, or set EHB_CHROMIUM' : false }, () => {
  let network: Network
  let browser: Browser
  before(async () => {
    network = await start()
    browser = await launch()
  }, { timeout: 600_000 })
  afterEach(closeAll)
  after(async () => {
    await browser?.close()
    await network?.stop()
  }, { timeout: 600_000 })

  test('the types of the lists are those of the server', async () => {
    const { generate } = await import(new URL('scripts/types.mjs', PACKAGE).href)
    const document = await (await fetch(`${network.url}/openapi.json`)).json()
    assert.equal(readFileSync(new URL('src/api/rows.ts', PACKAGE), 'utf8'), generate(document), "run 'npm run types'")
  })

  pages(() => network, () => browser)
  work(() => network, () => browser)
  acting(() => network, () => browser)
  proofs(() => network, () => browser)
  languages(() => network, () => browser)
  hostile(() => network, () => browser)
})
