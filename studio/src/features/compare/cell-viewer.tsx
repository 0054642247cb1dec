import { ChevronLeft, ChevronRight, Star, Undo2, Workflow as WorkflowIcon } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { setStar } from '@/app/gallery-marks'
import { sendTo } from '@/app/intents'
import { readRole, rolesOf } from '@/doc/roles'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { fileUrl } from '@/net/files'
import { Button, IconButton } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Zoomable } from '@/ui/zoomable'
import { pictureOf } from './cell-view'
import { type Comparison, changeCell } from './comparisons'
import { type Coordinates, captionOf, keyOf, workflowOf } from './plan'
import type { Cell } from './use-cells'

export interface CellViewerProps {
  comparison: Comparison
  cells: ReadonlyMap<string, Cell>
  at: Coordinates
  onMove: (at: Coordinates) => void
  onClose: () => void
}

const KEYS: Record<string, [slot: number, by: number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [1, -1],
  ArrowDown: [1, 1],
  PageUp: [2, -1],
  PageDown: [2, 1],
}

/** A cell in full size; arrows go to its neighbours, and Space shows the one before for as long as it is held. */
export function CellViewer({ comparison, cells, at, onMove, onClose }: CellViewerProps) {
  const { axes, view } = comparison
  const [flipped, setFlipped] = useState(false)
  const step = (slot: number, by: number): Coordinates | undefined => {
    const axis = view[slot]!
    const next = (at[axis] ?? 0) + by
    if (next < 0 || next >= (axes[axis]?.values.length ?? 1)) return undefined
    return at.map((known, place) => (place === axis ? next : known))
  }
  const before = step(0, -1) ?? step(0, 1) ?? step(1, -1) ?? step(1, 1)
  const shownAt = flipped && before ? before : at
  const cell = cells.get(keyOf(shownAt))
  const file = pictureOf(cell)
  const move = useRef<(key: string) => boolean>(() => false)
  move.current = (key) => {
    const [slot, by] = KEYS[key] ?? []
    const next = slot === undefined || by === undefined ? undefined : step(slot, by)
    if (next) onMove(next)
    return next !== undefined
  }
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const space = event.key === ' ' && !(event.target instanceof HTMLButtonElement)
      if (space) setFlipped(true)
      if (!space && !move.current(event.key)) return
      event.preventDefault()
      event.stopPropagation()
    }
    const up = (event: KeyboardEvent) => event.key === ' ' && setFlipped(false)
    addEventListener('keydown', down, true)
    addEventListener('keyup', up, true)
    return () => {
      removeEventListener('keydown', down, true)
      removeEventListener('keyup', up, true)
    }
  }, [])
  const star = () => {
    if (!cell || !file) return
    changeCell(comparison.id, cell.key, { starred: !cell.starred })
    void setStar(file, !cell.starred)
  }
  const previous = step(0, -1)
  const next = step(0, 1)
  return (
    <Dialog
      open
      onClose={onClose}
      size="full"
      title={captionOf(axes, shownAt)}
      actions={<Actions comparison={comparison} at={at} cell={cells.get(keyOf(at))} onStar={star} />}
    >
      <div className="flex h-full min-h-64 flex-col gap-2">
        <div className="flex min-h-0 flex-1 items-center gap-2">
          <IconButton
            label={t('The cell before')}
            disabled={!previous}
            onClick={() => previous && onMove(previous)}
          >
            <ChevronLeft size={18} className="rtl:-scale-x-100" />
          </IconButton>
          <div className="relative h-full min-w-0 flex-1 overflow-hidden rounded-card bg-bg">
            {file ? (
              <Zoomable src={fileUrl(file)} alt={captionOf(axes, shownAt)} className="size-full" />
            ) : (
              <p className="flex h-full items-center justify-center text-body text-faint">
                {cell?.problem || t('There is no picture here yet.')}
              </p>
            )}
          </div>
          <IconButton label={t('The next cell')} disabled={!next} onClick={() => next && onMove(next)}>
            <ChevronRight size={18} className="rtl:-scale-x-100" />
          </IconButton>
        </div>
        <p className="text-center text-label text-faint max-sm:hidden">
          {t('Arrow keys go from cell to cell; hold Space to see the neighbour.')}
        </p>
      </div>
    </Dialog>
  )
}

interface ActionsProps {
  comparison: Comparison
  at: Coordinates
  cell: Cell | undefined
  onStar: () => void
}

function Actions({ comparison, at, cell, onStar }: ActionsProps) {
  const { definitions } = useDefinitions()
  if (!definitions) return null
  const workflow = () => workflowOf(comparison.base, definitions, comparison.axes, at)
  const use = () => {
    const made = workflow()
    const values = Object.fromEntries(
      Object.keys(rolesOf(made, definitions)).map((role) => [role, readRole(made, definitions, role)]),
    )
    sendTo('create', 'use-settings', { values })
  }
  return (
    <>
      <Button
        icon={<Star size={14} fill={cell?.starred ? 'currentColor' : 'none'} aria-hidden="true" />}
        aria-pressed={cell?.starred ?? false}
        disabled={!pictureOf(cell)}
        onClick={onStar}
      >
        {cell?.starred ? t('Winner') : t('Pick as winner')}
      </Button>
      <Button
        icon={<WorkflowIcon size={14} aria-hidden="true" />}
        onClick={() =>
          sendTo('graph', 'open-workflow', { workflow: workflow(), title: captionOf(comparison.axes, at) })
        }
      >
        {t('Open as graph')}
      </Button>
      <Button look="primary" icon={<Undo2 size={14} aria-hidden="true" />} onClick={use}>
        {t('Use this cell')}
      </Button>
    </>
  )
}
