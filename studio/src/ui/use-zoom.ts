/** The state of a zoomed picture and all that moves it: pointers, wheel, keys. `zoomable.tsx` draws it. */
import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import {
  FITTED,
  fittingScale,
  held,
  isLarger,
  type Point,
  panned,
  type Size,
  type Swipe,
  swipeOf,
  type View,
  zoomedTo,
} from './zoom'
import type { ZoomHandle } from './zoomable'

const NOTHING: Size = { width: 0, height: 0 }
const MIDDLE: Point = { x: 0, y: 0 }
const ARROW = 48
/** Two taps within this time and distance are one double tap. */
const TAPS = { milliseconds: 320, pixels: 24 }

export interface Zoom {
  view: View
  /** Of the screen's own pixels. */
  percent: number
  /** There is more of the picture than one sees. */
  movable: boolean
  handle: ZoomHandle
  listeners: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void
    onPointerMove: (event: PointerEvent<HTMLElement>) => void
    onPointerUp: (event: PointerEvent<HTMLElement>) => void
    onPointerCancel: (event: PointerEvent<HTMLElement>) => void
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  }
}

/** Zooms a picture in a box. A picture of another size is fitted anew; one of the same size keeps the view. */
export function useZoom(
  element: RefObject<HTMLElement | null>,
  given: Size | null,
  onSwipe?: (where: Swipe) => void,
): Zoom {
  const width = given?.width ?? 0
  const height = given?.height ?? 0
  const picture = useMemo(() => ({ width, height }), [width, height])
  const box = useBox(element)
  const [chosen, setView] = useState<View>(FITTED)
  const dots = typeof devicePixelRatio === 'number' ? devicePixelRatio : 1
  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture is seen whole at first.
  useLayoutEffect(() => setView(FITTED), [picture])
  const shown = useCallback(
    (view: View): View =>
      view.fit ? { ...FITTED, scale: fittingScale(picture, box) } : held(view, picture, box),
    [picture, box],
  )
  const view = useMemo(() => shown(chosen), [shown, chosen])
  const zoomTo = useCallback(
    (next: (view: View) => number, at: Point = MIDDLE) =>
      setView((before) => {
        const now = shown(before)
        return zoomedTo(now, next(now), at, picture, box)
      }),
    [shown, picture, box],
  )
  const pan = useCallback(
    (by: Point) => setView((before) => panned(shown(before), by, picture, box)),
    [shown, picture, box],
  )
  const toggleAt = useCallback(
    (at: Point) =>
      setView((before) => {
        if (!before.fit) return FITTED
        const now = shown(before)
        return zoomedTo(
          now,
          now.scale * dots >= 1 ? Math.max(2 / dots, now.scale * 2) : 1 / dots,
          at,
          picture,
          box,
        )
      }),
    [shown, picture, box, dots],
  )
  const handle = useMemo<ZoomHandle>(
    () => ({
      fit: () => setView(FITTED),
      to: (scale) => zoomTo(() => scale / dots),
      by: (factor) => zoomTo((now) => now.scale * factor),
      toggle: () => toggleAt(MIDDLE),
    }),
    [zoomTo, toggleAt, dots],
  )
  useWheel(element, zoomTo)
  const movable = isLarger(view, picture, box)
  const pointers = usePointers({ element, movable, pan, zoomTo, toggleAt, onSwipe })
  return {
    view,
    percent: view.scale * dots * 100,
    movable,
    handle,
    listeners: { ...pointers, onKeyDown: (event) => keyed(event, handle, movable ? pan : undefined) },
  }
}

/** The size of an element, as it changes. */
function useBox(element: RefObject<HTMLElement | null>): Size {
  const [box, setBox] = useState<Size>(NOTHING)
  useLayoutEffect(() => {
    const target = element.current
    if (!target) return
    setBox({ width: target.clientWidth, height: target.clientHeight })
    if (typeof ResizeObserver === 'undefined') return
    const watcher = new ResizeObserver(() =>
      setBox({ width: target.clientWidth, height: target.clientHeight }),
    )
    watcher.observe(target)
    return () => watcher.disconnect()
  }, [element])
  return box
}

type ZoomTo = (next: (view: View) => number, at?: Point) => void

function useWheel(element: RefObject<HTMLElement | null>, zoomTo: ZoomTo): void {
  useEffect(() => {
    const target = element.current
    if (!target) return
    const turn = (event: WheelEvent) => {
      event.preventDefault()
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
      // Trackpads report a pinch as a wheel with Ctrl, in much smaller steps.
      const speed = event.ctrlKey ? 0.01 : 0.0018
      zoomTo((view) => view.scale * Math.exp(-event.deltaY * lines * speed), fromMiddle(target, event))
    }
    // React's own wheel listeners are passive: the page would scroll or zoom as well.
    target.addEventListener('wheel', turn, { passive: false })
    return () => target.removeEventListener('wheel', turn)
  }, [element, zoomTo])
}

interface PointerWork {
  element: RefObject<HTMLElement | null>
  movable: boolean
  pan: (by: Point) => void
  zoomTo: ZoomTo
  toggleAt: (at: Point) => void
  onSwipe?: (where: Swipe) => void
}

type PointerListeners = Omit<Zoom['listeners'], 'onKeyDown'>

interface Fingers {
  down: Map<number, Point>
  start: Point
  several: boolean
  tap: (Point & { time: number }) | null
}

function usePointers(work: PointerWork): PointerListeners {
  const state = useRef<Fingers>({ down: new Map(), start: MIDDLE, several: false, tap: null })
  return {
    onPointerDown: (event) => {
      if (event.button !== 0 && event.button !== 1) return
      event.currentTarget.setPointerCapture?.(event.pointerId)
      const fingers = state.current
      if (fingers.down.size === 0) {
        fingers.start = placeOf(event)
        fingers.several = false
      }
      fingers.down.set(event.pointerId, placeOf(event))
      if (fingers.down.size > 1) fingers.several = true
    },
    onPointerMove: (event) => moved(state.current, event, work),
    onPointerUp: (event) => lifted(state.current, event, work),
    onPointerCancel: (event) => {
      state.current.down.delete(event.pointerId)
      state.current.tap = null
    },
  }
}

function moved(fingers: Fingers, event: PointerEvent<HTMLElement>, work: PointerWork): void {
  const before = fingers.down.get(event.pointerId)
  if (!before) return
  const now = placeOf(event)
  const other = [...fingers.down].find(([id]) => id !== event.pointerId)?.[1]
  fingers.down.set(event.pointerId, now)
  if (!other) {
    if (work.movable) work.pan({ x: now.x - before.x, y: now.y - before.y })
    return
  }
  const ratio = distance(now, other) / Math.max(1, distance(before, other))
  const target = work.element.current
  if (target)
    work.zoomTo(
      (view) => view.scale * ratio,
      fromMiddle(target, { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 }),
    )
  work.pan({ x: (now.x - before.x) / 2, y: (now.y - before.y) / 2 })
}

function lifted(fingers: Fingers, event: PointerEvent<HTMLElement>, work: PointerWork): void {
  if (!fingers.down.delete(event.pointerId) || fingers.down.size > 0 || fingers.several) return
  const now = placeOf(event)
  const by = { x: now.x - fingers.start.x, y: now.y - fingers.start.y }
  if (distance(now, fingers.start) < TAPS.pixels / 3) {
    const last = fingers.tap
    const twice =
      last !== null && event.timeStamp - last.time < TAPS.milliseconds && distance(last, now) < TAPS.pixels
    fingers.tap = twice ? null : { ...now, time: event.timeStamp }
    if (twice && work.element.current) work.toggleAt(fromMiddle(work.element.current, event))
    return
  }
  const where = swipeOf(by)
  if (where && !work.movable && event.pointerType === 'touch') work.onSwipe?.(where)
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: ARROW, y: 0 },
  ArrowRight: { x: -ARROW, y: 0 },
  ArrowUp: { x: 0, y: ARROW },
  ArrowDown: { x: 0, y: -ARROW },
}

/** Keys while the picture has the focus. Without `pan`, arrows are left to the screen. */
function keyed(event: KeyboardEvent, zoom: ZoomHandle, pan: ((by: Point) => void) | undefined): void {
  const modified = event.ctrlKey || event.metaKey
  const arrow = ARROWS[event.key]
  if (arrow && pan && !modified && !event.altKey) pan(arrow)
  else if (!modified && (event.key === '+' || event.key === '=')) zoom.by(1.25)
  else if (!modified && event.key === '-') zoom.by(1 / 1.25)
  else if (modified && event.key === '0') zoom.fit()
  else if (modified && (event.key === '1' || event.key === '2')) zoom.to(Number(event.key))
  else return
  event.preventDefault()
  event.stopPropagation()
}

const placeOf = (event: { clientX: number; clientY: number }): Point => ({
  x: event.clientX,
  y: event.clientY,
})

const distance = (one: Point, other: Point): number => Math.hypot(one.x - other.x, one.y - other.y)

function fromMiddle(target: HTMLElement, event: { clientX: number; clientY: number }): Point {
  const frame = target.getBoundingClientRect()
  return {
    x: event.clientX - frame.left - frame.width / 2,
    y: event.clientY - frame.top - frame.height / 2,
  }
}
