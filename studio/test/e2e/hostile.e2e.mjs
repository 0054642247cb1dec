// What must not break the page: routes that fail, messages that are broken, files that mean harm, windows that are tiny.
import assert from 'node:assert/strict'
import { flow } from './stage.mjs'

const SCREENS = ['create', 'canvas', 'graph', 'apps', 'compare', 'queue', 'gallery', 'models', 'settings']
const SETTLED = 700

const alive = async (page, what) => {
  assert.equal(await page.getByText('stopped working').count(), 0, `${what}: a part of the page broke`)
  assert.ok(await page.locator('main#work').isVisible(), `${what}: there is no work area`)
}

flow(
  'every route fails in turn',
  async ({ page, open }) => {
    for (const screen of SCREENS) {
      const asked = new Set()
      const listen = (request) => {
        const { pathname } = new URL(request.url())
        if (!pathname.startsWith('/studio') && ['fetch', 'xhr'].includes(request.resourceType()))
          asked.add(pathname)
      }
      page.on('request', listen)
      await open(screen)
      await page.waitForTimeout(SETTLED)
      page.off('request', listen)
      for (const path of asked) {
        const broken = (url) => url.pathname === path
        await page.route(broken, (route) => route.fulfill({ status: 500, body: 'deliberate' }))
        await open(screen)
        await page.waitForTimeout(SETTLED)
        await alive(page, `${screen} without ${path}`)
        await page.unroute(broken)
      }
    }
  },
  { timeout: 300_000 },
)

flow('broken messages change nothing', async ({ page, open }) => {
  await page.routeWebSocket(/\/ws/, (socket) => {
    const server = socket.connectToServer()
    server.onMessage((message) => {
      socket.send('{"type":')
      socket.send('null')
      socket.send('{"type":"progress","data":null}')
      socket.send('{"type":"executed","data":{"prompt_id":"x","output":{"images":[null,7,{"filename":3}]}}}')
      socket.send(
        '{"type":"progress_state","data":{"prompt_id":"x","nodes":{"__proto__":{"state":"running"}}}}',
      )
      socket.send(Buffer.from([0, 0, 0, 4, 255, 255, 255, 255, 1]))
      socket.send(Buffer.from([0, 0, 0, 1]))
      socket.send(message)
    })
  })
  for (const screen of ['create', 'queue', 'graph']) {
    await open(screen)
    await page.waitForTimeout(SETTLED)
    await alive(page, screen)
  }
})

const HARM = JSON.parse(`{
  "last_node_id": 2, "last_link_id": 0, "links": [], "groups": [], "version": 0.4,
  "extra": {"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}},
  "nodes": [
    {"id": 1, "type": "Note", "pos": [0, 0], "size": [300, 200], "title": "<img src=x onerror=window.harmed=1>",
     "widgets_values": ["<script>window.harmed=1</script> [a](javascript:window.harmed=1) <iframe srcdoc='<script>parent.harmed=1</script>'>"]},
    {"id": 2, "type": "MarkdownNote", "pos": [400, 0], "size": [300, 200], "title": "x",
     "widgets_values": ["![x](javascript:window.harmed=1) <svg onload=window.harmed=1> [go](data:text/html,<script>window.harmed=1</script>)"]}
  ]}`)

flow('a file that means harm is only text', async ({ page, open, shot }) => {
  await open('graph')
  await page.locator('main#work').waitFor()
  await page.evaluate((text) => {
    const data = new DataTransfer()
    data.items.add(new File([text], 'harm.json', { type: 'application/json' }))
    const target = document.querySelector('main#work')
    const where = { bubbles: true, cancelable: true, dataTransfer: data, clientX: 800, clientY: 500 }
    for (const type of ['dragenter', 'dragover', 'drop']) target.dispatchEvent(new DragEvent(type, where))
  }, JSON.stringify(HARM))
  await page.waitForTimeout(2000)
  await shot('opened')
  await alive(page, 'graph')
  for (const link of await page.locator('main#work a').all()) {
    assert.doesNotMatch((await link.getAttribute('href')) ?? '', /^\s*(javascript|data):/i)
  }
  assert.equal(await page.evaluate(() => globalThis.harmed), undefined, 'a text of the file was executed')
  assert.equal(await page.evaluate(() => ({}).polluted), undefined, 'a key of the file changed all objects')
})

flow('four hundred percent', async ({ page, open, shot }) => {
  // 1280 x 1024 at 400 %: pages reflow into one column; the graph and the canvas may scroll.
  await page.setViewportSize({ width: 320, height: 568 })
  for (const screen of SCREENS) {
    await open(screen)
    await page.waitForTimeout(SETTLED)
    await alive(page, screen)
    await shot(screen)
    if (screen === 'graph' || screen === 'canvas') continue
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth)
    assert.ok(wide <= 320, `${screen} is ${wide} wide`)
  }
})
