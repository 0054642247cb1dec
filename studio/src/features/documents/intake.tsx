import { useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { readPlace } from '@/app/navigation'
import { takeFiles, takeText } from '@/app/take-files'
import { commonKind, type Kind, kindOf, type Outcome, outcomesOf } from '@/app/what-happens'
import { DropZones } from './drop-zones'
import { FileQuestion } from './file-question'
import { ownIntake } from './own-intake'
import { offerFiles } from './take-files'

interface Dragged {
  kind: Kind
  count: number
  screen: string
  shift: boolean
}

/** Everywhere: what is dragged over the page or pasted into it, and what will happen with it. */
export function Intake() {
  const [dragged, setDragged] = useState<Dragged | null>(null)
  useEffect(() => listen(setDragged), [])
  const outcomes = dragged ? outcomesOf(dragged.screen, dragged.kind, dragged.count, dragged.shift) : []
  const drop = (data: DataTransfer, outcome: Outcome, at: [number, number]) => {
    setDragged(null)
    const { screen } = readPlace(location.pathname)
    const files = [...data.files]
    if (files.length > 0) void takeFiles(files, outcome.deed, screen, at)
    else void takeText(data.getData('text/plain'), outcome.deed, at)
  }
  return (
    <>
      <FileQuestion />
      {dragged
        ? createPortal(
            <DropZones outcomes={outcomes} onDrop={drop} onLeave={() => setDragged(null)} />,
            document.getElementById('work') ?? document.body,
          )
        : null}
    </>
  )
}

function listen(show: (dragged: Dragged | null) => void): () => void {
  let before = ''
  const over = (event: DragEvent) => {
    const dragged = event.defaultPrevented ? null : readDragged(event)
    if (dragged) event.preventDefault()
    const mark = JSON.stringify(dragged)
    if (mark !== before) show(dragged)
    before = mark
  }
  const end = (event: DragEvent) => {
    // A file that nobody takes would be opened by the browser in place of the page.
    if (event.type === 'drop' && event.dataTransfer?.types.includes('Files')) event.preventDefault()
    before = ''
    show(null)
  }
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) end(event)
  }
  addEventListener('dragover', over)
  addEventListener('drop', end)
  addEventListener('dragend', end)
  addEventListener('dragleave', leave)
  addEventListener('paste', paste)
  return () => {
    removeEventListener('dragover', over)
    removeEventListener('drop', end)
    removeEventListener('dragend', end)
    removeEventListener('dragleave', leave)
    removeEventListener('paste', paste)
  }
}

/** What comes from outside over a place that has no way of its own to take it. */
function readDragged(event: DragEvent): Dragged | null {
  const data = event.dataTransfer
  if (!data || isDialogOpen()) return null
  const { screen } = readPlace(location.pathname)
  const items = [...data.items].filter((item) => item.kind === 'file')
  if (items.length > 0) {
    const kind = commonKind(items.map((item) => kindOf({ type: item.type })))
    if (ownIntake(screen, kind)) return null
    return { kind, count: items.length, screen, shift: event.shiftKey }
  }
  const isText = data.types.includes('text/plain') && !data.types.includes('application/limner')
  const fromHere = document.querySelector('[data-dragging]') !== null
  if (!isText || fromHere || isWritten(event.target) || ownIntake(screen, 'text')) return null
  return { kind: 'text', count: 1, screen, shift: event.shiftKey }
}

function paste(event: ClipboardEvent): void {
  const data = event.clipboardData
  if (!data || event.defaultPrevented || isDialogOpen()) return
  const { screen } = readPlace(location.pathname)
  const files = [...data.files]
  if (files.length > 0) {
    if (ownIntake(screen, commonKind(files.map(kindOf)))) return
    event.preventDefault()
    offerFiles(files)
    return
  }
  if (isWritten(event.target)) return
  const text = data.getData('text/plain')
  const [outcome] = outcomesOf(screen, 'text')
  if (!text.trim() || !outcome || ownIntake(screen, 'text')) return
  event.preventDefault()
  void takeText(text, screen === 'graph' && text.trimStart().startsWith('{') ? 'open' : outcome.deed)
}

const isDialogOpen = (): boolean => document.querySelector('[role="dialog"][data-state="open"]') !== null

const isWritten = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input, textarea, select, [role="textbox"]'))
