// What must not break the page: routes that fail, messages that are broken, files that mean harm, windows that are tiny.
import assert from 'node:assert/strict'
import { deflateSync } from 'node:zlib'
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

const EVIL = '<img src=x onerror=window.harmed=1><script>window.harmed=1</script>'

/** A PNG of one pixel with a text in it. */
function pngWith(keyword, text) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const size = Buffer.alloc(4)
    size.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body) >>> 0)
    return Buffer.concat([size, body, sum])
  }
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.from('00000001000000010802000000', 'hex')),
    chunk('tEXt', Buffer.from(`${keyword}\0${text}`, 'latin1')),
    chunk('IDAT', deflateSync(Buffer.from([0, 255, 0, 0]))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function crc32(bytes) {
  let sum = ~0
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return ~sum
}

flow(
  'stored texts that mean harm are only texts',
  async ({ page, open, server }) => {
    const said = async (method, path, body, type = 'application/json') => {
      const headers = type ? { 'Content-Type': type } : {}
      const answer = await fetch(server.url + path, { method, headers, body })
      assert.ok(answer.status < 300, `${path}: ${answer.status} ${await answer.clone().text()}`)
      return answer.json()
    }
    // A picture with such a prompt and tags.
    const form = new FormData()
    const picture = pngWith('parameters', `${EVIL}\nSteps: 4, Seed: 1, Model: ${EVIL}`)
    form.append('file', new Blob([picture], { type: 'image/png' }), 'x.png')
    await said('POST', '/limner/gallery/import', form, '')
    const list = await server.json('/limner/gallery')
    await said(
      'PATCH',
      '/limner/gallery',
      JSON.stringify({ ids: [list.items[0].id], add_tags: [EVIL.slice(0, 40)], alt: EVIL }),
    )
    // An app whose form shows a picture of another host.
    const workflow = {
      last_node_id: 1,
      last_link_id: 0,
      nodes: [
        {
          id: 1,
          type: 'EmptyImage',
          pos: [0, 0],
          size: [200, 100],
          flags: {},
          mode: 0,
          inputs: [],
          outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [1] }],
          properties: {},
          title: EVIL,
          widgets_values: [64, 64, 1, 0],
        },
        {
          id: 2,
          type: 'SaveImage',
          pos: [300, 0],
          size: [200, 100],
          flags: {},
          mode: 0,
          inputs: [{ name: 'images', type: 'IMAGE', link: 1 }],
          outputs: [],
          properties: {},
          widgets_values: ['x'],
        },
      ],
      links: [[1, 1, 0, 2, 0, 'IMAGE']],
      groups: [],
      version: 0.4,
      extra: {
        studio: {
          form: {
            version: 1,
            outputs: ['2'],
            elements: [
              { kind: 'picture', id: 'p', url: 'https://elsewhere.example/x.png', alt: EVIL },
              { kind: 'heading', id: 'h', text: EVIL },
              {
                kind: 'field',
                id: 'f',
                label: EVIL,
                help: EVIL,
                places: [{ node: '1', widget: 'width' }],
                control: { type: 'number' },
              },
            ],
          },
        },
      },
    }
    await said(
      'PUT',
      '/apps/evil',
      JSON.stringify({ workflow, title: EVIL, description: EVIL, tags: [EVIL.slice(0, 30)] }),
    )
    await said(
      'PUT',
      `/limner/workflows/${encodeURIComponent('<b onload=1>.json')}`,
      JSON.stringify(workflow),
    )
    for (const path of [
      'apps',
      'apps/evil',
      'gallery',
      `gallery/${list.items[0].id}`,
      'models',
      'queue',
      'compare',
    ]) {
      await open(path)
      await page.waitForTimeout(SETTLED)
      await alive(page, path.split('/')[0])
      assert.equal(await page.evaluate(() => globalThis.harmed), undefined, `a text was executed on ${path}`)
    }
  },
  { own: true },
)

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
