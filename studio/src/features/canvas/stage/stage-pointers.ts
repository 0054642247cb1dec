/** Pointers on the stage: tools get them; the wheel, the middle button, Space and two fingers move the view. */
import { usePreferences } from '@/app/preferences'
import { useCanvasStore } from '../state/canvas-store'
import { distance, type Point } from '../state/geometry'
import type { Pointing, Tool } from '../toolbox/tool'
import type { CanvasStage } from './stage'

/** After a pen was there, a hand on the screen only moves the view for this long. */
const PALM = 2_000
const WHEEL = 0.0016

/** Listens until the returned function is called. */
export function listenForPointers(stage: CanvasStage): () => void {
  const pointers = new StagePointers(stage)
  const { host } = stage
  const stop = new AbortController()
  const { signal } = stop
  host.addEventListener('pointerdown', pointers.down, { signal })
  host.addEventListener('pointermove', pointers.move, { signal })
  host.addEventListener('pointerup', pointers.up, { signal })
  host.addEventListener('pointercancel', pointers.lost, { signal })
  host.addEventListener('pointerenter', pointers.enter, { signal })
  host.addEventListener('pointerleave', pointers.leave, { signal })
  host.addEventListener('dblclick', pointers.double, { signal })
  host.addEventListener('wheel', pointers.wheel, { signal, passive: false })
  return () => {
    stop.abort()
    pointers.end()
  }
}

class StagePointers {
  private readonly ring = cursorRing()
  private readonly fingers = new Map<number, Point>()
  private working: { id: number; tool: Tool } | null = null
  private panning: { id: number; at: Point } | null = null
  private penSeen = 0

  private last: PointerEvent | WheelEvent | null = null
  private readonly stop: () => void

  constructor(private readonly stage: CanvasStage) {
    stage.host.append(this.ring)
    // Another tool or size, by a key: the ring follows without a movement.
    this.stop = useCanvasStore.subscribe(() => this.last && this.placeRing(this.last))
  }

  end(): void {
    this.stop()
    this.ring.remove()
  }

  readonly down = (event: PointerEvent): void => {
    const { stage } = this
    stage.host.focus({ preventScroll: true })
    if (event.pointerType === 'pen') this.penSeen = Date.now()
    if (event.pointerType === 'touch' && this.touched(event)) return
    const tool = stage.tool
    const pans = event.button === 1 || tool.id === 'hand' || this.isPalm(event)
    if (!pans && event.button !== 0) return
    stage.host.setPointerCapture(event.pointerId)
    event.preventDefault()
    if (pans) {
      this.panning = { id: event.pointerId, at: screenOf(event, stage) }
      stage.host.style.cursor = 'grabbing'
      return
    }
    this.working = { id: event.pointerId, tool }
    tool.start?.(this.read(event), stage)
  }

  readonly move = (event: PointerEvent): void => {
    const { stage } = this
    const screen = screenOf(event, stage)
    this.placeRing(event)
    if (this.fingers.has(event.pointerId) && this.fingers.size === 2) this.pinch(event.pointerId, screen)
    else if (this.panning?.id === event.pointerId) {
      stage.pan(screen.x - this.panning.at.x, screen.y - this.panning.at.y)
      this.panning.at = screen
    } else if (this.working?.id === event.pointerId) this.working.tool.move?.(this.read(event), stage)
    else if (!this.working) stage.tool.hover?.(this.read(event), stage)
  }

  readonly up = (event: PointerEvent): void => {
    this.fingers.delete(event.pointerId)
    if (this.panning?.id === event.pointerId) {
      this.panning = null
      this.showCursor()
    }
    if (this.working?.id !== event.pointerId) return
    const { tool } = this.working
    this.working = null
    tool.end?.(this.read(event), this.stage)
  }

  readonly lost = (event: PointerEvent): void => {
    this.fingers.delete(event.pointerId)
    this.panning = null
    if (this.working?.id === event.pointerId) this.abandon()
  }

  /** Whoever comes from a button means the picture now: Space moves it, and does not press the button again. */
  readonly enter = (): void => {
    if (document.activeElement?.tagName === 'BUTTON') this.stage.host.focus({ preventScroll: true })
  }

  readonly leave = (): void => {
    this.last = null
    this.ring.style.opacity = '0'
  }

  readonly double = (event: MouseEvent): void => {
    this.stage.tool.doubleClick?.(this.read(event as PointerEvent), this.stage)
  }

  readonly wheel = (event: WheelEvent): void => {
    event.preventDefault()
    const { stage } = this
    const touchpad = usePreferences.getState().habits === 'touchpad'
    const pixels = event.deltaMode === 1 ? 16 : 1
    if (event.shiftKey) stage.pan(-(event.deltaY || event.deltaX) * pixels, 0)
    else if (touchpad && !event.ctrlKey) stage.pan(-event.deltaX * pixels, -event.deltaY * pixels)
    else {
      const by = event.deltaY * pixels * (event.ctrlKey ? 6 : 1)
      stage.zoom(Math.exp(-Math.max(-240, Math.min(240, by)) * WHEEL), screenOf(event, stage))
      this.placeRing(event)
    }
  }

  /** A finger came down; true if it is the second of two, which move the view. */
  private touched(event: PointerEvent): boolean {
    this.fingers.set(event.pointerId, screenOf(event, this.stage))
    if (this.fingers.size < 2) return false
    this.panning = null
    if (this.working) this.abandon()
    return true
  }

  private abandon(): void {
    this.working?.tool.cancel?.(this.stage)
    this.working = null
  }

  private pinch(id: number, to: Point): void {
    const from = this.fingers.get(id)!
    const other = [...this.fingers].find(([key]) => key !== id)![1]
    this.fingers.set(id, to)
    const before = Math.max(distance(from, other), 1)
    this.stage.pan((to.x - from.x) / 2, (to.y - from.y) / 2)
    this.stage.zoom(distance(to, other) / before, { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 })
  }

  private isPalm = (event: PointerEvent): boolean =>
    event.pointerType === 'touch' && Date.now() - this.penSeen < PALM

  private read(event: PointerEvent): Pointing {
    const { stage } = this
    const events = event.type === 'pointermove' ? (event.getCoalescedEvents?.() ?? []) : []
    const screen = screenOf(event, stage)
    return {
      point: stage.toDocument(screen),
      screen,
      path: (events.length > 0 ? events : [event]).map((one) => ({
        ...stage.toDocument(screenOf(one, stage)),
        pressure: one.pointerType === 'pen' ? one.pressure || 0.01 : 1,
      })),
      shift: event.shiftKey,
      alt: event.altKey,
      control: event.ctrlKey || event.metaKey,
      touch: event.pointerType === 'touch',
    }
  }

  private showCursor(): void {
    const { cursor } = this.stage.tool
    this.stage.host.style.cursor = cursor === 'ring' ? 'none' : cursor
  }

  private placeRing(event: PointerEvent | WheelEvent): void {
    const { stage, ring } = this
    this.last = event
    const touch = 'pointerType' in event && event.pointerType === 'touch'
    const shows = stage.tool.cursor === 'ring' && !touch && !this.panning
    ring.style.opacity = shows ? '1' : '0'
    if (!shows) return
    const { x, y } = screenOf(event, stage)
    const side = Math.max(4, useCanvasStore.getState().brush.size * stage.view.getState().scale)
    ring.style.width = `${side}px`
    ring.style.height = `${side}px`
    ring.style.transform = `translate(${x - side / 2}px, ${y - side / 2}px)`
  }
}

function screenOf(event: { clientX: number; clientY: number }, stage: CanvasStage): Point {
  const { left, top } = stage.host.getBoundingClientRect()
  return { x: event.clientX - left, y: event.clientY - top }
}

/** A circle of the brush's size: white with a dark rim, so that it is seen on any picture. */
function cursorRing(): HTMLDivElement {
  const ring = document.createElement('div')
  ring.className =
    'pointer-events-none absolute top-0 left-0 z-10 rounded-full border border-white opacity-0 shadow-[0_0_0_1px_#000a,inset_0_0_0_1px_#000a]'
  return ring
}
