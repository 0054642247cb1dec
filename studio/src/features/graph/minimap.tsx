import { type PointerEvent, useEffect, useRef } from 'react'
import { t } from '@/i18n/text'
import { settleZoom } from './detail'
import { currentFlow, watchFlow } from './flow-instance'

const WIDTH = 176
const HEIGHT = 120
const EDGE = 6

interface Map2 {
  scale: number
  x: number
  y: number
}

/** All of the graph in small, painted: elements would be too many. Click or draw in it to go there. */
export function Minimap() {
  const canvas = useRef<HTMLCanvasElement>(null)
  const map = useRef<Map2>({ scale: 1, x: 0, y: 0 })
  useEffect(() => {
    let frame = 0
    const paint = () => {
      frame = 0
      if (canvas.current) map.current = paintMap(canvas.current)
    }
    const wish = () => {
      frame ||= requestAnimationFrame(paint)
    }
    const stop = watchFlow(wish)
    wish()
    return () => {
      cancelAnimationFrame(frame)
      stop()
    }
  }, [])
  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.buttons !== 1) return
    const box = event.currentTarget.getBoundingClientRect()
    const { scale, x, y } = map.current
    const flow = currentFlow()
    if (!flow) return
    const zoom = flow.getZoom()
    void flow
      .setCenter((event.clientX - box.x) / scale + x, (event.clientY - box.y) / scale + y, {
        zoom,
        duration: 0,
      })
      .then(() => settleZoom(zoom))
  }
  return (
    <canvas
      ref={canvas}
      width={WIDTH * 2}
      height={HEIGHT * 2}
      role="img"
      aria-label={t('Map of the graph')}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        go(event)
      }}
      onPointerMove={go}
      className="absolute end-3 bottom-3 cursor-crosshair touch-none rounded-control border bg-surface/90 max-md:hidden"
      style={{ width: WIDTH, height: HEIGHT }}
    />
  )
}

function paintMap(canvas: HTMLCanvasElement): Map2 {
  const context = canvas.getContext('2d')!
  const flow = currentFlow()
  const nodes = flow?.getNodes() ?? []
  context.setTransform(2, 0, 0, 2, 0, 0)
  context.clearRect(0, 0, WIDTH, HEIGHT)
  const room = canvas.parentElement
  if (!flow || !room || nodes.length === 0) return { scale: 1, x: 0, y: 0 }
  const view = flow.getViewport()
  const seen = {
    x: -view.x / view.zoom,
    y: -view.y / view.zoom,
    width: room.clientWidth / view.zoom,
    height: room.clientHeight / view.zoom,
  }
  const boxes = nodes.map((node) => ({
    ...node.position,
    width: node.width ?? 0,
    height: node.height ?? 0,
    type: node.type,
    selected: node.selected,
  }))
  const all = [...boxes, seen]
  const left = Math.min(...all.map((box) => box.x))
  const top = Math.min(...all.map((box) => box.y))
  const right = Math.max(...all.map((box) => box.x + box.width))
  const bottom = Math.max(...all.map((box) => box.y + box.height))
  const scale = Math.min((WIDTH - 2 * EDGE) / (right - left), (HEIGHT - 2 * EDGE) / (bottom - top))
  const x = left - (WIDTH / scale - (right - left)) / 2
  const y = top - (HEIGHT / scale - (bottom - top)) / 2
  const style = getComputedStyle(canvas)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  for (const box of boxes) {
    context.globalAlpha = box.type === 'group-box' ? 0.15 : box.selected ? 1 : 0.55
    context.fillStyle = box.selected ? colour('--accent') : colour('--line-strong')
    context.fillRect(
      (box.x - x) * scale,
      (box.y - y) * scale,
      Math.max(1.5, box.width * scale),
      Math.max(1.5, box.height * scale),
    )
  }
  context.globalAlpha = 1
  context.strokeStyle = colour('--accent')
  context.lineWidth = 1
  context.strokeRect((seen.x - x) * scale, (seen.y - y) * scale, seen.width * scale, seen.height * scale)
  return { scale, x, y }
}
