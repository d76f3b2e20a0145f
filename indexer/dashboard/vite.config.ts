/** Builds the dashboard, and serves it for development in front of a running indexer: EHB_INDEXER_URL names it. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const indexer = process.env['EHB_INDEXER_URL'] ?? 'http://127.0.0.1:9670'
const api = Object.fromEntries(['/v1', '/openapi.json', '/status'].map((path) => [path, { target: indexer, changeOrigin: true }]))

export default defineConfig({
  plugins: [react()],
  // The polyfill is a script without a use in browsers that run the rest.
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0, target: 'es2022' },
  server: { proxy: api },
})
