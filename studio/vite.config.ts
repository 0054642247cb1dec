import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** The server that `npm run dev` talks to: LIMNER=http://127.0.0.1:8188 npm run dev */
const server = process.env.LIMNER ?? 'http://127.0.0.1:8188'

export default defineConfig({
  base: '/studio/',
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    manifest: true,
    // Few pieces, each worth a request: what every screen needs, what some share, and each screen.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'studio', tags: ['$initial'] },
            { name: 'parts', minShareCount: 3, entriesAware: true, entriesAwareMergeThreshold: 8_000 },
          ],
        },
      },
    },
  },
  server: {
    // Everything that is not the studio's own is the server's.
    proxy: {
      '^/(?!studio(/|$)).+': { target: server, changeOrigin: true, ws: true, headers: { origin: server } },
    },
  },
  test: {
    restoreMocks: true,
    maxWorkers: 2,
    pool: 'threads',
    projects: [
      // What is no component needs no page, which takes a second a file to make.
      {
        extends: true,
        test: {
          name: 'pure',
          environment: 'node',
          setupFiles: ['./test/storage.ts'],
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          environment: 'jsdom',
          setupFiles: ['./test/storage.ts', './test/page.ts'],
          include: ['src/**/*.test.tsx'],
        },
      },
    ],
  },
})
