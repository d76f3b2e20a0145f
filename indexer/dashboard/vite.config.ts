/** Builds the dashboard, and serves it for development in front of a running indexer: EHB_INDEXER_URL names it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const indexer = process.env['EHB_INDEXER_URL'] ?? 'http://127.0.0.1:9670'
const api = Object.fromEntries(['/v1', '/openapi.json', '/status', '/dashboard.json'].map((path) => [path, { target: indexer, changeOrigin: true }]))

/** Smaller files are sent as they are. */
const COMPRESSED_MIN = 512

/** Writes each file in compressed form beside it. */
function compress(folder: string): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg)$/.test(name)) continue
        const plain = readFileSync(join(folder, name))
        const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
        if (plain.length >= COMPRESSED_MIN) writeFileSync(join(folder, `${name}.br`), brotliCompressSync(plain, best))
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), compress('dist')],
  // The polyfill is a script without a use in browsers that run the rest.
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0, target: 'es2022' },
  server: { proxy: api },
})
