/** The first payment of the README runs as it is written. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'node:test'
import { network } from '../network.js'
import { PACKAGE } from '../vectors.js'

const LINES_MAX = 20

test('the first payment of the README runs', async () => {
  const readme = readFileSync(new URL('README.md', PACKAGE), 'utf8')
  const code = /```js\n(.*?)```/s.exec(readme)?.[1]
  assert.ok(code, 'the README has an example')
  assert.ok(code.trimEnd().split('\n').length <= LINES_MAX)
  const file = new URL('build/readme.mjs', PACKAGE)
  writeFileSync(file, code)
  const { dir } = await network()
  const env = { ...process.env, EHB_TESTNET_DIR: dir }
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(file)], { env, cwd: fileURLToPath(PACKAGE) })
  assert.match(stdout, /^paid 12\.50 EUR at height \d+, proven by the validators\n$/)
})
