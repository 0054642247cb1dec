import { type PointerEvent, useEffect, useRef } from 'react'
import { t } from '@/i18n/text'
import type { FlowNode } from '../state/elements'
import { settleZoom } from './detail'
import { currentFlow, flowSize, shownNodes, watchFlow } from './flow-instance'

const WIDTH = 176
const HEIGHT = 120
const EDGE = 6

interface Scale {
  scale: number
  x: number
  y: number
}

/** All of the graph in small, painted: elements would be too many. Click or draw in it to go there. */
export function Minimap() {
  const canvas = useRef<HTMLCanvasElement>(null)
  const seen = useRef<HTMLSpanElement>(null)
  const map = useRef<Scale>({ scale: 1, x: 0, y: 0 })
  useEffect(() => {
    let frame = 0
    let painted: unknown
    const paint = () => {
      frame = 0
      const nodes = shownNodes()
      // A view that moves paints nothing: only the frame is put elsewhere.
      if (canvas.current && nodes !== painted) map.current = paintMap(canvas.current, nodes)
      painted = nodes
      if (seen.current) showView(seen.current, map.current)
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
  const go = (event: PointerEvent<HTMLElement>) => {
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
    <div
      className="absolute end-3 bottom-3 cursor-crosshair touch-none overflow-hidden rounded-control border bg-surface max-md:hidden"
      style={{ width: WIDTH, height: HEIGHT }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        go(event)
      }}
      onPointerMove={go}
    >
      <canvas
        ref={canvas}
        width={WIDTH * 2}
        height={HEIGHT * 2}
        role="img"
        aria-label={t('Map of the graph')}
        className="size-full"
      />
      <span
        ref={seen}
        aria-hidden="true"
        className="pointer-events-none absolute start-0 top-0 rounded-[2px] border border-accent"
      />
    </div>
  )
}

/** Puts the frame of what is seen at its place. */
function showView(element: HTMLElement, { scale, x, y }: Scale): void {
  const flow = currentFlow()
  if (!flow) return
  const [width, height] = flowSize()
  const view = flow.getViewport()
  element.style.translate = `${(-view.x / view.zoom - x) * scale}px ${(-view.y / view.zoom - y) * scale}px`
  element.style.width = `${(width / view.zoom) * scale}px`
  element.style.height = `${(height / view.zoom) * scale}px`
}

function paintMap(canvas: HTMLCanvasElement, nodes: readonly FlowNode[]): Scale {
  const context = canvas.getContext('2d')!
  context.setTransform(2, 0, 0, 2, 0, 0)
  context.clearRect(0, 0, WIDTH, HEIGHT)
  if (nodes.length === 0) return { scale: 1, x: 0, y: 0 }
  const left = Math.min(...nodes.map((node) => node.position.x))
  const top = Math.min(...nodes.map((node) => node.position.y))
  const right = Math.max(...nodes.map((node) => node.position.x + (node.width ?? 0)))
  const bottom = Math.max(...nodes.map((node) => node.position.y + (node.height ?? 0)))
  const scale = Math.min((WIDTH - 2 * EDGE) / (right - left), (HEIGHT - 2 * EDGE) / (bottom - top))
  const x = left - (WIDTH / scale - (right - left)) / 2
  const y = top - (HEIGHT / scale - (bottom - top)) / 2
  const style = getComputedStyle(canvas)
  const [accent, plain] = ['--accent', '--line-strong'].map((name) => style.getPropertyValue(name).trim())
  for (const { position, width = 0, height = 0, type, selected } of nodes) {
    context.globalAlpha = type === 'group-box' ? 0.15 : selected ? 1 : 0.55
    context.fillStyle = (selected ? accent : plain) ?? '#888'
    context.fillRect(
      (position.x - x) * scale,
      (position.y - y) * scale,
      Math.max(1.5, width * scale),
      Math.max(1.5, height * scale),
    )
  }
  return { scale, x, y }
}
