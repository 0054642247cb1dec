// Flow d: paint a mask, inpaint, stage, accept, undo to the start. Pixels are compared, not only what the page says.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { flow, until } from './stage.mjs'

const SIDE = 128

/** A picture of a lawn with a bird-like thing, made in the page. */
const lawn = async (page) =>
  Buffer.from(
    await page.evaluate((side) => {
      const canvas = document.createElement('canvas')
      canvas.width = side
      canvas.height = side
      const context = canvas.getContext('2d')
      for (let y = 0; y < side; y += 1) {
        context.fillStyle = `rgb(${30 + (y % 7) * 3} ${120 + (y % 5) * 6} 40)`
        context.fillRect(0, y, side, 1)
      }
      context.fillStyle = '#e04020'
      context.beginPath()
      context.arc(64, 64, 16, 0, Math.PI * 2)
      context.fill()
      return canvas.toDataURL('image/png').split(',')[1]
    }, SIDE),
    'base64',
  )

const stageOf = (page) => page.locator('[data-stage]')

/** A drag over the stage through points that are shares of the picture, which is fitted in the middle. */
async function drag(page, points) {
  const { x, y, width, height } = await stageOf(page).boundingBox()
  const scale = Math.min(
    (width - 2 * Math.min(48, width / 12)) / SIDE,
    (height - 2 * Math.min(48, width / 12)) / SIDE,
    4,
  )
  const at = ([across, down]) => [
    x + width / 2 + (across - 0.5) * SIDE * scale,
    y + height / 2 + (down - 0.5) * SIDE * scale,
  ]
  await page.mouse.move(...at(points[0]))
  await page.mouse.down()
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 6 })
  await page.mouse.up()
}

/** The box as the studio exports it: its pixels. */
async function exported(page) {
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Canvas menu' }).click()
  await page.getByRole('menuitem', { name: 'Export the box as PNG' }).click()
  const bytes = readFileSync(await (await coming).path()).toString('base64')
  return page.evaluate(async (data) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob())
    const canvas = new OffscreenCanvas(image.width, image.height)
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    return { width: image.width, data: [...context.getImageData(0, 0, image.width, image.height).data] }
  }, bytes)
}

/** How many pixels differ within and beyond a distance from the middle. */
function changes(one, other, radius) {
  let inside = 0
  let outside = 0
  for (let at = 0; at < one.data.length; at += 4) {
    if (![0, 1, 2, 3].some((part) => one.data[at + part] !== other.data[at + part])) continue
    const pixel = at / 4
    const away = Math.hypot((pixel % one.width) - SIDE / 2, Math.floor(pixel / one.width) - SIDE / 2)
    if (away <= radius) inside += 1
    else outside += 1
  }
  return { inside, outside }
}

async function openPicture(page) {
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Open a picture…' }).click()
  await (await choosing).setFiles({ name: 'lawn.png', mimeType: 'image/png', buffer: await lawn(page) })
  await page.getByRole('button', { name: /^lawn/ }).waitFor()
}

const undoButton = (page) => page.getByRole('button', { name: /^Undo/ })

async function undoAll(page) {
  await until(async () => {
    if (await undoButton(page).isDisabled()) return true
    await undoButton(page).click()
    return false
  })
}

flow(
  'canvas: remove a bird by inpainting',
  async ({ page, open, shot, axe }) => {
    await open('canvas')
    await stageOf(page).locator('canvas').first().waitFor()
    await shot('empty')
    await axe('empty canvas')
    await openPicture(page)
    const before = await exported(page)
    assert.equal(before.width, SIDE)

    await stageOf(page).focus()
    await page.keyboard.press('q')
    await page.getByRole('button', { name: 'Mask 1', exact: true }).waitFor()
    await drag(page, [
      [0.5, 0.5],
      [0.52, 0.5],
      [0.48, 0.52],
    ])
    await page.getByRole('button', { name: 'Fill mask' }).waitFor()
    assert.deepEqual(changes(before, await exported(page), 999), { inside: 0, outside: 0 })
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a green lawn')
    await shot('masked')
    await axe('a mask')

    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: 'Result 1', exact: true }).waitFor({ timeout: 90_000 })
    await shot('staged')
    await axe('a staged result')
    await stageOf(page).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Result', exact: true }).waitFor()

    const after = await exported(page)
    // The brush is 40 wide, moved by a few pixels, and the edge fades over 4 more.
    const { inside, outside } = changes(before, after, 20 + 4 + 4 + 2)
    assert.ok(inside > 500, `the masked part changed: ${inside} pixels`)
    assert.equal(outside, 0, 'nothing outside of the mask changed')
    await shot('accepted')

    await page.waitForTimeout(2_500)
    await page.reload()
    await page.getByRole('button', { name: 'Result', exact: true }).waitFor()
    await until(async () => {
      const { inside: one, outside: two } = changes(after, await exported(page), 999)
      return one + two === 0
    })
  },
  {
    timeout: 240_000,
    variants: [
      { theme: 'dark', size: 'desktop' },
      { theme: 'light', size: 'desktop' },
    ],
  },
)

/** A finger over the stage, through points that are shares of it. */
async function swipe(context, page, points) {
  const { x, y, width, height } = await stageOf(page).boundingBox()
  const touch = await context.newCDPSession(page)
  const send = (type, point) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: point ? [{ x: x + width * point[0], y: y + height * point[1], id: 1 }] : [],
    })
  await send('touchStart', points[0])
  for (const point of points) await send('touchMove', point)
  await send('touchEnd')
}

flow(
  'canvas: paint over a bird with a finger',
  async ({ page, context, open, shot, axe }) => {
    await open('canvas')
    await stageOf(page).locator('canvas').first().waitFor()
    await shot('empty')
    await axe('empty canvas')
    const choosing = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Open a picture…' }).tap()
    await (await choosing).setFiles({ name: 'lawn.png', mimeType: 'image/png', buffer: await lawn(page) })
    await page.getByRole('button', { name: 'Open a picture…' }).waitFor({ state: 'hidden' })
    await swipe(context, page, [
      [0.48, 0.5],
      [0.5, 0.5],
      [0.53, 0.5],
    ])
    await page.getByRole('button', { name: 'Fill mask' }).waitFor()
    await page.getByRole('button', { name: 'Settings', exact: true }).first().tap()
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a green lawn')
    await axe('settings')
    await page.getByRole('button', { name: 'Close' }).tap()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await shot('masked')
    await axe('a mask')
    await page.getByRole('button', { name: 'Fill mask' }).tap()
    await page.getByRole('button', { name: 'Result 1', exact: true }).waitFor({ timeout: 90_000 })
    await shot('staged')
    await axe('a staged result')
    await page.getByRole('button', { name: 'Accept', exact: true }).tap()
    await page.getByRole('button', { name: 'Layers', exact: true }).tap()
    await page.getByRole('button', { name: 'Result', exact: true }).waitFor()
    await shot('accepted')
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(wide <= 0, 'nothing scrolls sideways')
  },
  {
    timeout: 240_000,
    variants: [
      { theme: 'dark', size: 'phone' },
      { theme: 'light', size: 'phone' },
    ],
  },
)

flow(
  'canvas: undo to the start',
  async ({ page, open, shot }) => {
    await open('canvas')
    await stageOf(page).locator('canvas').first().waitFor()
    await openPicture(page)
    const first = await exported(page)
    await stageOf(page).focus()
    await page.keyboard.press('b')
    for (const row of [0.2, 0.4, 0.6])
      await drag(page, [
        [0.1, row],
        [0.9, row + 0.1],
      ])
    await page.keyboard.press('e')
    await drag(page, [
      [0.2, 0.2],
      [0.8, 0.8],
    ])
    const painted = await exported(page)
    assert.ok(changes(first, painted, 999).inside > 1_000)
    await shot('painted')
    await undoAll(page)
    await page.getByText('Drop a picture or paint').waitFor()
    await until(async () => (await exported(page)).data.every((value) => value === 0))
    const redo = page.getByRole('button', { name: /^Redo/ })
    await until(async () => {
      if (await redo.isDisabled()) return true
      await redo.click()
      return false
    })
    await until(async () => changes(painted, await exported(page), 999).inside === 0)
  },
  {
    timeout: 240_000,
    variants: [
      { theme: 'dark', size: 'desktop' },
      { theme: 'light', size: 'desktop' },
    ],
  },
)

/** A picture as something that is dragged in from the desktop. */
async function dropPicture(page, [x, y], name) {
  const data = (await lawn(page)).toString('base64')
  await page.evaluate(
    async ([bytes, file, across, down]) => {
      const blob = await (await fetch(`data:image/png;base64,${bytes}`)).blob()
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([blob], file, { type: 'image/png' }))
      const fire = (type) =>
        document.elementFromPoint(across, down).dispatchEvent(
          new DragEvent(type, {
            bubbles: true,
            cancelable: true,
            dataTransfer,
            clientX: across,
            clientY: down,
          }),
        )
      fire('dragenter')
      await new Promise((done) => setTimeout(done, 200))
      fire('dragover')
      fire('drop')
    },
    [data, name, x, y],
  )
}

const layerNames = (page) =>
  page
    .locator('[aria-label="Layers"] li[draggable]')
    .evaluateAll((rows) => rows.map((row) => row.textContent.trim()))

flow(
  'canvas: tools, layers and a project',
  async ({ page, open, shot, axe }) => {
    await open('canvas')
    await stageOf(page).locator('canvas').first().waitFor()
    await openPicture(page)
    const first = await exported(page)

    // Between the zones, in the very middle: a layer.
    const { x, y, width, height } = await stageOf(page).boundingBox()
    await dropPicture(page, [x + width / 2, y + height / 4], 'dropped.png')
    await page
      .getByRole('button', { name: /^dropped/ })
      .first()
      .waitFor()
    assert.deepEqual(await layerNames(page), ['dropped', 'lawn'])
    await stageOf(page).focus()
    await page.keyboard.press('Alt+ArrowDown')
    assert.deepEqual(await layerNames(page), ['lawn', 'dropped'])
    const rows = page.locator('li[draggable]')
    await rows.nth(1).dragTo(rows.nth(0), { targetPosition: { x: 50, y: 4 } })
    assert.deepEqual(await layerNames(page), ['dropped', 'lawn'])

    // A rectangle limits the gradient; the bucket fills what hangs together.
    await stageOf(page).focus()
    await page.keyboard.press('u')
    await drag(page, [
      [0.1, 0.1],
      [0.4, 0.4],
    ])
    await page.keyboard.press('Shift+G')
    await drag(page, [
      [0.1, 0.1],
      [0.4, 0.4],
    ])
    const pixel = (from, across, down) =>
      from.data.slice((down * SIDE + across) * 4, (down * SIDE + across) * 4 + 4)
    const faded = await exported(page)
    assert.notDeepEqual(pixel(faded, 20, 20), pixel(first, 20, 20))
    assert.deepEqual(pixel(faded, 60, 20), pixel(first, 60, 20), 'nothing beyond the selection')
    await stageOf(page).focus()
    await page.keyboard.press('Control+d')
    await page.keyboard.press('g')
    await page.mouse.click(x + width / 2, y + height / 2)
    assert.deepEqual(pixel(await exported(page), 64, 64), [47, 111, 222, 255])
    await shot('painted')

    // The project as a file, opened again in another document.
    const before = await exported(page)
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Canvas menu' }).click()
    await page.getByRole('menuitem', { name: 'Export project' }).click()
    const project = { name: 'lawn.canvas.zip', mimeType: 'application/zip' }
    project.buffer = readFileSync(await (await coming).path())
    await page.getByRole('button', { name: 'New document' }).click()
    await page.getByText('Drop a picture or paint').waitFor()
    const choosing = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Canvas menu' }).click()
    await page.getByRole('menuitem', { name: 'Open a project…' }).click()
    await (await choosing).setFiles(project)
    await page
      .getByRole('button', { name: /^dropped/ })
      .first()
      .waitFor()
    await until(async () => changes(before, await exported(page), 999).inside === 0)
    await axe('an opened project')
  },
  { timeout: 180_000 },
)

flow(
  'canvas: an app on a selection',
  async ({ page, open, shot, axe }) => {
    await open('canvas')
    await stageOf(page).locator('canvas').first().waitFor()
    await openPicture(page)
    const before = await exported(page)
    await stageOf(page).focus()
    await page.keyboard.press('u')
    await drag(page, [
      [0.25, 0.25],
      [0.75, 0.75],
    ])
    await page.getByRole('button', { name: 'Run an app on this…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('64 × 64').waitFor()
    await dialog.getByText('Prompt is needed.').waitFor()
    await dialog.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a red apple')
    await shot('asked')
    await axe('the dialog')
    await dialog.getByRole('button', { name: 'Run', exact: true }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Result 1', exact: true }).waitFor({ timeout: 90_000 })
    await shot('staged')
    await stageOf(page).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Result', exact: true }).waitFor()
    const after = await exported(page)
    const changed = [...Array(SIDE * SIDE).keys()].filter((at) =>
      [0, 1, 2].some((part) => before.data[at * 4 + part] !== after.data[at * 4 + part]),
    )
    const inside = (at) => [at % SIDE, Math.floor(at / SIDE)].every((place) => place >= 32 && place < 96)
    assert.ok(changed.length > 2_000)
    assert.ok(changed.every(inside), 'nothing beyond the selection changed')
  },
  { timeout: 180_000, variants: [{ theme: 'light', size: 'desktop' }] },
)
