/** Changing the order of what waits: by dragging a row's handle, or with the arrow keys on it. */
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { type Entry, idsOf, placeBefore } from './grouping'
import type { Steps } from './job-menu'
import type { Handle } from './job-row'
import { move } from './orders'

export interface Drag {
  from: number
  /** It would be put before this one; the number of entries: at the end. */
  to: number
}

export interface Reorder {
  drag: Drag | null
  handleOf: (index: number) => Handle
  stepsOf: (index: number) => Steps
}

/**
 * Args: the waiting entries, in order; the box that scrolls; where each entry is in it (start and end, in its pixels).
 */
export function useReorder(
  entries: readonly Entry[],
  box: RefObject<HTMLElement | null>,
  places: (index: number) => { start: number; end: number } | undefined,
): Reorder {
  const [drag, setDrag] = useState<Drag | null>(null)
  const moved = useRef('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the order has changed.
  useEffect(() => {
    if (!moved.current) return
    const handle = document.querySelector<HTMLElement>(`[data-handle="${CSS.escape(moved.current)}"]`)
    if (handle && document.activeElement === document.body) handle.focus()
  }, [entries])

  const put = (from: number, to: number) => {
    const before = placeBefore(entries, from, to)
    if (before === undefined) return
    moved.current = entries[from]!.id
    const number = to > from ? to : to + 1
    void move(
      idsOf(entries[from]!),
      { before },
      t('Now number {{number}} of {{count}}', { number, count: entries.length }),
    )
  }
  const under = (clientY: number): number => {
    const element = box.current
    if (!element) return 0
    const y = clientY - element.getBoundingClientRect().top + element.scrollTop
    const at = entries.findIndex((_, index) => {
      const place = places(index)
      return place !== undefined && y < (place.start + place.end) / 2
    })
    return at < 0 ? entries.length : at
  }
  const keyed = (event: KeyboardEvent, index: number) => {
    const to = {
      ArrowUp: index - 1,
      ArrowDown: index + 2,
      Home: 0,
      End: entries.length,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    if (to >= 0 && to <= entries.length) put(index, to)
  }
  return {
    drag,
    handleOf: (index) => ({
      id: entries[index]!.id,
      onPointerDown: (event: PointerEvent<HTMLButtonElement>) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrag({ from: index, to: index })
      },
      onPointerMove: (event) => setDrag((known) => known && { ...known, to: under(event.clientY) }),
      onPointerUp: (event) => {
        if (drag && event.type === 'pointerup') put(drag.from, under(event.clientY))
        setDrag(null)
      },
      onKeyDown: (event) => keyed(event, index),
    }),
    stepsOf: (index) => ({
      ...(index > 0 ? { up: () => put(index, index - 1) } : {}),
      ...(index < entries.length - 1 ? { down: () => put(index, index + 2) } : {}),
    }),
  }
}
