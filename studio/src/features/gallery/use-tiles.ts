/** Everything that is done to tiles of the list: clicks, keys, a long press, a box, dragging. One set of listeners for all. */
import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useRef,
  useState,
} from 'react'
import { type Box, beside, type Layout, picturesIn } from './layout'
import { changePictures, type Picture, trashPictures } from './pictures'
import { choose, clearSelection, setCurrent, toggleChosen, useSelection } from './selection'
import { keysBetween, type ListQuery, pictureAt } from './use-list'
import { useWanted } from './wanted'

/** What is dragged from the list to a board. */
export const DRAGGED = 'application/x-limner-pictures'

const LONG = 450
const STILL = 10

export interface TilesWish {
  box: RefObject<HTMLDivElement | null>
  layout: Layout
  query: ListQuery
  onOpen: (picture: Picture, at: number) => void
  reveal: (at: number) => void
}

export function useTiles(wish: TilesWish) {
  const area = useArea(wish)
  const press = useRef<{ timer: number; x: number; y: number; fired: boolean } | null>(null)
  const release = () => {
    if (press.current) clearTimeout(press.current.timer)
  }
  return {
    box: area.box,
    listeners: {
      onClick: (event: MouseEvent) => {
        if (press.current?.fired) {
          press.current = null
          return
        }
        clicked(event, wish)
      },
      onKeyDown: (event: KeyboardEvent) => keyed(event, wish),
      onDragStart: (event: DragEvent) => dragged(event, wish),
      onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
        const at = placeOf(event.target)
        press.current = null
        if (at !== null && event.pointerType !== 'mouse') {
          const timer = setTimeout(() => {
            const picture = pictureAt(wish.query, at)
            if (!press.current || !picture) return
            press.current.fired = true
            navigator.vibrate?.(10)
            toggleChosen(picture.id, at)
          }, LONG) as unknown as number
          press.current = { timer, x: event.clientX, y: event.clientY, fired: false }
        }
        if (at === null && event.pointerType === 'mouse' && event.button === 0) area.begin(event)
      },
      onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
        const begun = press.current
        if (begun && Math.hypot(event.clientX - begun.x, event.clientY - begun.y) > STILL) release()
        area.move(event)
      },
      onPointerUp: (event: PointerEvent<HTMLDivElement>) => {
        release()
        area.end(event)
      },
      onPointerCancel: release,
    },
  }
}

/** The place of the picture under a pointer. */
export function placeOf(target: EventTarget | null): number | null {
  const tile = target instanceof Element ? target.closest('[data-at]') : null
  return tile ? Number(tile.getAttribute('data-at')) : null
}

function clicked(event: MouseEvent, wish: TilesWish): void {
  const at = placeOf(event.target)
  const picture = at === null ? undefined : pictureAt(wish.query, at)
  if (at === null || !picture) return
  const { ids, anchor } = useSelection.getState()
  const onCheck = (event.target as Element).closest('[data-check]') !== null
  if (event.shiftKey) void keysBetween(wish.query, anchor, at).then((keys) => choose(keys))
  else if (event.ctrlKey || event.metaKey || onCheck || ids.size > 0) toggleChosen(picture.id, at)
  else {
    setCurrent(at)
    wish.onOpen(picture, at)
  }
}

function keyed(event: KeyboardEvent, wish: TilesWish): void {
  const at = placeOf(event.target)
  if (at === null) return
  const picture = pictureAt(wish.query, at)
  const target = moved(event.key, at, wish.layout)
  const modified = event.ctrlKey || event.metaKey || event.altKey
  if (target !== null && !modified) {
    const next = Math.min(wish.layout.ratios.length - 1, Math.max(0, target))
    if (event.shiftKey) void keysBetween(wish.query, at, next).then((keys) => choose(keys))
    focusPlace(wish, next)
  } else if (event.key === 'Enter' && picture) wish.onOpen(picture, at)
  else if (event.key === ' ' && picture) toggleChosen(picture.id, at)
  else if (event.key === '.' && picture && !modified) star(picture)
  else if (event.key === 'Delete' && picture) trash(picture)
  else return
  event.preventDefault()
}

/** Where a key leads to; null: it is no key that leads anywhere. */
function moved(key: string, at: number, layout: Layout): number | null {
  const forward = document.documentElement.dir === 'rtl' ? -1 : 1
  if (key === 'ArrowRight') return at + forward
  if (key === 'ArrowLeft') return at - forward
  if (key === 'ArrowDown') return beside(layout, at, true)
  if (key === 'ArrowUp') return beside(layout, at, false)
  if (key === 'Home') return 0
  return key === 'End' ? layout.ratios.length - 1 : null
}

const chosenOr = (picture: Picture): string[] => {
  const { ids } = useSelection.getState()
  return ids.size > 0 ? [...ids] : [picture.id]
}

const star = (picture: Picture): void => void changePictures(chosenOr(picture), { starred: !picture.starred })

function trash(picture: Picture): void {
  if (useWanted.getState().trash) return
  const ids = chosenOr(picture)
  clearSelection()
  void trashPictures(ids)
}

/** Gives the picture at a place the focus, once it is there. */
export function focusPlace({ box, reveal }: Pick<TilesWish, 'box' | 'reveal'>, at: number): void {
  setCurrent(at)
  const find = () => box.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)
  if (!find()) reveal(at)
  let turns = 0
  const attempt = () => {
    const tile = find()
    turns += 1
    if (tile) {
      tile.focus({ preventScroll: true })
      tile.scrollIntoView({ block: 'nearest' })
    } else if (turns < 30) requestAnimationFrame(attempt)
  }
  attempt()
}

function dragged(event: DragEvent, wish: TilesWish): void {
  const at = placeOf(event.target)
  const picture = at === null ? undefined : pictureAt(wish.query, at)
  if (!picture) return
  const { ids } = useSelection.getState()
  event.dataTransfer.setData(DRAGGED, JSON.stringify(ids.has(picture.id) ? [...ids] : [picture.id]))
  event.dataTransfer.effectAllowed = 'move'
}

/** A box that is drawn with the mouse from where no picture is. */
function useArea({ box, layout, query }: TilesWish) {
  const [drawn, setDrawn] = useState<Box | null>(null)
  const start = useRef<{ x: number; y: number; before: ReadonlySet<string> } | null>(null)
  const pointOf = (event: PointerEvent<HTMLDivElement>) => {
    const frame = event.currentTarget.getBoundingClientRect()
    return {
      x: event.clientX - frame.left,
      y: event.clientY - frame.top + event.currentTarget.scrollTop,
    }
  }
  return {
    box: drawn,
    begin: (event: PointerEvent<HTMLDivElement>) => {
      if (event.nativeEvent.offsetX > event.currentTarget.clientWidth) return
      const more = event.shiftKey || event.ctrlKey || event.metaKey
      if (!more) clearSelection()
      start.current = { ...pointOf(event), before: more ? useSelection.getState().ids : new Set() }
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    move: (event: PointerEvent<HTMLDivElement>) => {
      if (!start.current) return
      const now = pointOf(event)
      const area = {
        left: Math.min(start.current.x, now.x),
        top: Math.min(start.current.y, now.y),
        width: Math.abs(start.current.x - now.x),
        height: Math.abs(start.current.y - now.y),
      }
      if (area.width + area.height < 6) return
      setDrawn(area)
      const list = box.current?.querySelector<HTMLElement>('[role="listbox"]')
      const inside = {
        ...area,
        left: area.left - (list?.offsetLeft ?? 0),
        top: area.top - (list?.offsetTop ?? 0),
      }
      const found = picturesIn(layout, inside).map((at) => pictureAt(query, at)?.id)
      choose([...start.current.before, ...found.filter((id): id is string => id !== undefined)], {
        alone: true,
      })
    },
    end: (event: PointerEvent<HTMLDivElement>) => {
      if (!start.current) return
      start.current = null
      setDrawn(null)
      event.currentTarget.releasePointerCapture(event.pointerId)
    },
  }
}
