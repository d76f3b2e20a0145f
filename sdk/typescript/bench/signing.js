/** `npm run bench`: how many payments a second are encoded and signed, with WebCrypto and without it. */
import { encodeArguments, encodeSigned, keyOfSeed, signTransaction } from '@ehb/sdk'

const MEASURED_MS = 2_000
/** Payments that are signed at a time, as a program on several lanes does. */
const AT_ONCE = 100
const PARAMETERS = [
  { name: 'to', type: 'address' },
  { name: 'asset', type: 'string' },
  { name: 'amount', type: 'u64' },
]
const TO = 'ehbt1p02tq3r6y6w338vrwqp56hkj0avht3nvqx922y6f77t3xyzcyhhqey5tt4'

async function payment(key, sequence) {
  const args = encodeArguments('test', PARAMETERS, { to: TO, asset: 'EUR', amount: 1250n })
  const transaction = {
    version: 1, chain: new Uint8Array(32), sender: new Uint8Array(32), lane: 0, sequence: BigInt(sequence), validUntilMs: 1_790_000_000_000,
    gasLimit: 100_000n, calls: [{ module: 'wallet', function: 'transfer', arguments: args }], memo: 'rent, May',
  }
  return encodeSigned(await signTransaction(transaction, [key]))
}

/** Payments a second. */
async function rate() {
  const key = await keyOfSeed(new Uint8Array(32).fill(7))
  const some = (first) => Promise.all(Array.from({ length: AT_ONCE }, (_, index) => payment(key, first + index)))
  await some(0)
  const begin = performance.now()
  let count = 0
  while (performance.now() - begin < MEASURED_MS) {
    await some(count)
    count += AT_ONCE
  }
  return (count * 1_000) / (performance.now() - begin)
}

const line = (...cells) => process.stdout.write(`${cells[0].padEnd(56)}${cells.slice(1).map((it) => it.padStart(12)).join('')}\n`)
const measured = (what, budget, found) => line(what, String(budget), found.toFixed(0), '1/s', (found / budget).toFixed(2))

line('what', 'budget', 'measured', 'unit', 'ratio')
measured('TypeScript: encode and sign a payment, WebCrypto', 5_000, await rate())
// A page over plain HTTP has no WebCrypto but its random numbers.
Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues: crypto.getRandomValues.bind(crypto) } })
measured('TypeScript: encode and sign a payment, without it', 500, await rate())
