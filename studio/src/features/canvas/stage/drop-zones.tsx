import { Images, Layers, type LucideIcon, ScanLine, Settings2, SquareDashed } from 'lucide-react'
import { type DragEvent, useEffect, useState } from 'react'
import { takeFiles } from '@/app/take-files'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { placeFiles } from '../layers/pictures'
import type { LayerKind } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import type { CanvasStage } from './stage'

type Zone = LayerKind | 'settings'

const ZONES: { kind: Zone; icon: LucideIcon; label: () => string; detail: () => string }[] = [
  { kind: 'raster', icon: Layers, label: () => t('Layer'), detail: () => t('Lies on the picture') },
  { kind: 'mask', icon: SquareDashed, label: () => t('Mask'), detail: () => t('White is painted anew') },
  { kind: 'control', icon: ScanLine, label: () => t('Control'), detail: () => t('Steers a control model') },
  { kind: 'reference', icon: Images, label: () => t('Reference'), detail: () => t('The model looks at it') },
  {
    kind: 'settings',
    icon: Settings2,
    label: () => t('Settings'),
    detail: () => t('How it was made, into Create'),
  },
]

const holdsFiles = (event: { dataTransfer: DataTransfer | null }): boolean =>
  event.dataTransfer?.types.includes('Files') === true

/** While a picture is dragged over the canvas: what it will be where it is let go. */
export function DropZones({ session, stage }: { session: CanvasSession; stage: CanvasStage | null }) {
  const [shown, setShown] = useState(false)
  const [over, setOver] = useState<Zone | ''>('')
  useEffect(() => {
    const enter = (event: globalThis.DragEvent) => {
      if (holdsFiles(event) && (event.target as HTMLElement).closest?.('main')) setShown(true)
    }
    const leave = (event: globalThis.DragEvent) => {
      if (event.relatedTarget === null) setShown(false)
    }
    const end = () => setShown(false)
    addEventListener('dragenter', enter)
    addEventListener('dragleave', leave)
    addEventListener('drop', end)
    return () => {
      removeEventListener('dragenter', enter)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', end)
    }
  }, [])
  if (!shown) return null
  const drop = (event: DragEvent, kind: Zone) => {
    const files = [...event.dataTransfer.files].filter((file) => file.type.startsWith('image/'))
    // What is no picture is the frame's to take.
    if (files.length === 0) return
    event.preventDefault()
    event.stopPropagation()
    setShown(false)
    if (kind === 'settings') void takeFiles(files, 'settings', 'canvas')
    else void placeFiles(session, files, kind).then(() => stage?.fit())
  }
  return (
    // Beside the zones a picture becomes a layer, which is what most people mean.
    // biome-ignore lint/a11y/noStaticElementInteractions: the menu "Add a layer" does the same by keys.
    <div
      className="absolute inset-0 z-20 grid grid-cols-2 gap-3 bg-black/60 p-6"
      data-drop-zones
      onDragEnter={(event) => event.target === event.currentTarget && setOver('raster')}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => drop(event, 'raster')}
    >
      {ZONES.map(({ kind, icon: Icon, label, detail }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the menu "Add a layer" does the same by keys.
        <div
          key={kind}
          onDragEnter={() => setOver(kind)}
          onDragOver={(event) => {
            event.preventDefault()
            event.stopPropagation()
          }}
          onDrop={(event) => drop(event, kind)}
          className={classes(
            'flex flex-col items-center justify-center gap-1 rounded-card border-2 border-dashed text-white',
            kind === 'settings' && 'col-span-2',
            over === kind ? 'border-white bg-accent-fill/60' : 'border-white/40 bg-black/30',
          )}
        >
          <Icon size={24} strokeWidth={1.5} aria-hidden="true" />
          <span className="text-section font-semibold">{label()}</span>
          <span className="text-body text-white/80">{detail()}</span>
        </div>
      ))}
    </div>
  )
}
