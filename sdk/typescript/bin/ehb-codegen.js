#!/usr/bin/env node
// Writes a typed client of a module to stdout:
//
//   ehb-codegen --node http://127.0.0.1:7401 --module wallet > wallet.ts
//   ehb-codegen --node http://127.0.0.1:7401 --module wallet --at 4200 > wallet.ts      as it was installed after a block
//   ehb-codegen --file wallet.json > wallet.ts      the answer of module_describe, or its result, in a file
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { connect, getModule } from '@ehb/sdk'
import { generateClient } from '@ehb/sdk/codegen'

const USAGE = 'usage: ehb-codegen --node URL --module NAME [--at HEIGHT|HASH] | --file DESCRIPTION.json'

async function describe({ node, module, at, file }) {
  if (file !== undefined && node === undefined && at === undefined) {
    const described = JSON.parse(readFileSync(file, 'utf8'))
    return described.result ?? described
  }
  if (node !== undefined && module !== undefined && file === undefined) {
    const isHash = /^[0-9a-f]{64}$/.test(at ?? '')
    if (at !== undefined && !isHash && !(/^[0-9]+$/.test(at) && Number.isSafeInteger(Number(at)))) {
      throw new Error('--at takes the height or the hash of a block')
    }
    return getModule(await connect(node), module, { at: isHash || at === undefined ? at : Number(at) })
  }
  throw new Error(USAGE)
}

try {
  const text = { type: 'string' }
  const { values } = parseArgs({ options: { node: text, module: text, at: text, file: text } })
  process.stdout.write(generateClient(await describe(values)))
} catch (error) {
  process.stderr.write(`ehb-codegen: ${error.message}\n`)
  process.exitCode = 2
}
