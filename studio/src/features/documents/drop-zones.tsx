import type { LucideIcon } from 'lucide-react'
import { Ban, Box, FileDown, FolderInput, Image, Layers, Settings2, StickyNote, Text } from 'lucide-react'
import { useState } from 'react'
import type { Deed, Outcome } from '@/app/what-happens'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'

const ICONS: Partial<Record<Deed, LucideIcon>> = {
  settings: Settings2,
  input: Image,
  open: FolderInput,
  node: Image,
  loader: Box,
  note: StickyNote,
  prompt: Text,
  import: FileDown,
  install: Box,
}

export interface DropZonesProps {
  /** What can be done, each a zone; none: it cannot be taken here. */
  outcomes: Outcome[]
  onDrop: (data: DataTransfer, outcome: Outcome, at: [number, number]) => void
  onLeave: () => void
}

/** While something is dragged: where it can be let go, and what will happen then. */
export function DropZones({ outcomes, onDrop, onLeave }: DropZonesProps) {
  const isOne = outcomes.length === 1
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: "Add from file" in the command search does the same by keys.
    <div
      data-intake
      className={classes(
        'absolute inset-0 z-60 flex gap-3 p-3 animate-[appear_120ms_var(--ease-out)] max-sm:flex-col',
        isOne ? 'bg-bg/60' : 'bg-bg/92',
      )}
      onDragOver={(event) => {
        event.dataTransfer.dropEffect = outcomes.length > 0 ? 'copy' : 'none'
      }}
      onDrop={(event) => {
        event.preventDefault()
        onLeave()
      }}
    >
      {outcomes.length === 0 ? <Refusal /> : null}
      {outcomes.map((outcome) => (
        <Zone key={outcome.deed} outcome={outcome} lone={isOne} onDrop={onDrop} />
      ))}
    </div>
  )
}

interface ZoneProps {
  outcome: Outcome
  lone: boolean
  onDrop: DropZonesProps['onDrop']
}

function Zone({ outcome, lone, onDrop }: ZoneProps) {
  const [over, setOver] = useState(false)
  const Icon = ICONS[outcome.deed] ?? Layers
  const isLit = over || lone
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <div
      data-deed={outcome.deed}
      onDragEnter={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        event.stopPropagation()
        onDrop(event.dataTransfer, outcome, [event.clientX, event.clientY])
      }}
      className={classes(
        'flex flex-1 flex-col items-center justify-center rounded-dialog border-2 border-dashed',
        isLit ? 'border-accent' : 'border-line-strong',
        over && !lone && 'bg-accent-soft',
      )}
    >
      <div
        className={classes(
          'pointer-events-none flex max-w-xs flex-col items-center gap-1 rounded-card px-6 py-4 text-center',
          lone && 'border bg-overlay shadow-drag',
        )}
      >
        <Icon
          size={24}
          strokeWidth={1.5}
          aria-hidden="true"
          className={isLit ? 'text-accent' : 'text-muted'}
        />
        <span className="text-section font-semibold">{outcome.label}</span>
        {outcome.detail ? <span className="text-body text-balance text-muted">{outcome.detail}</span> : null}
      </div>
    </div>
  )
}

const Refusal = () => (
  <div className="m-auto flex flex-col items-center gap-2 rounded-card border bg-overlay px-6 py-4 shadow-drag">
    <Ban size={24} strokeWidth={1.5} aria-hidden="true" className="text-muted" />
    <span className="text-body font-medium">{t('This cannot be taken here')}</span>
  </div>
)
