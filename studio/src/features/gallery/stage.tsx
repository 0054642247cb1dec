import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type RefObject, useState } from 'react'
import { t } from '@/i18n/text'
import { fileUrl } from '@/net/files'
import { IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import type { Swipe } from '@/ui/zoom'
import { Zoomable, type ZoomHandle } from '@/ui/zoomable'
import type { Picture } from './pictures'
import { Player } from './player'

export type StageMode = 'one' | 'beside' | 'slider'

export interface StageProps {
  picture: Picture
  other: Picture | undefined
  mode: StageMode
  flipped: boolean
  zoom: RefObject<ZoomHandle | null>
  go: (step: number) => void
  first: boolean
  last: boolean
  onClose: () => void
  onDetails: () => void
}

/** Where the picture is seen: alone, beside another one, or with a slider over it. */
export function Stage({
  picture,
  other,
  mode,
  flipped,
  zoom,
  go,
  first,
  last,
  onClose,
  onDetails,
}: StageProps) {
  const swiped = (where: Swipe) => {
    if (where === 'left') go(1)
    else if (where === 'right') go(-1)
    else if (where === 'down') onClose()
    else onDetails()
  }
  return (
    <div className="relative flex min-h-0 flex-1 bg-[#1a1a1a]">
      {picture.media !== 'image' ? (
        <Player key={picture.id} picture={picture} />
      ) : mode === 'beside' && other ? (
        <div className="flex min-h-0 flex-1 gap-px max-sm:flex-col">
          {[picture, other].map((shown) => (
            <Sight key={shown.id} picture={shown} flipped={flipped} named />
          ))}
        </div>
      ) : mode === 'slider' && other ? (
        <Compared key={`${picture.id} ${other.id}`} before={other} after={picture} />
      ) : (
        <Sight key={picture.id} picture={picture} flipped={flipped} zoom={zoom} onSwipe={swiped} />
      )}
      {mode === 'one' ? (
        <>
          <Turn side="start" hidden={first} onClick={() => go(-1)} />
          <Turn side="end" hidden={last} onClick={() => go(1)} />
        </>
      ) : null}
    </div>
  )
}

interface SightProps {
  picture: Picture
  flipped: boolean
  named?: boolean
  zoom?: RefObject<ZoomHandle | null>
  onSwipe?: (where: Swipe) => void
}

function Sight({ picture, flipped, named, zoom, onSwipe }: SightProps) {
  const [failed, setFailed] = useState(false)
  if (failed)
    return (
      <EmptyState title={t('This picture cannot be shown')}>
        {t('The file is damaged, or this browser does not know its format.')}
      </EmptyState>
    )
  return (
    <div className="relative flex min-h-0 min-w-0 flex-1">
      <Zoomable
        src={fileUrl(picture.file)}
        alt={picture.alt || picture.name}
        width={picture.width || undefined}
        height={picture.height || undefined}
        flipped={flipped}
        handle={zoom}
        onSwipe={onSwipe}
        onFailed={() => setFailed(true)}
        className="flex-1"
      />
      {named ? (
        <span className="absolute start-2 top-2 max-w-[80%] truncate rounded-control bg-black/60 px-2 py-1 text-label text-white">
          {picture.name}
        </span>
      ) : null}
    </div>
  )
}

function Turn({ side, hidden, onClick }: { side: 'start' | 'end'; hidden: boolean; onClick: () => void }) {
  if (hidden) return null
  const Icon = side === 'start' ? ChevronLeft : ChevronRight
  return (
    <span
      className={`absolute top-1/2 -translate-y-1/2 max-sm:hidden ${side === 'start' ? 'start-2' : 'end-2'}`}
    >
      <IconButton
        label={side === 'start' ? t('Previous picture') : t('Next picture')}
        keys={side === 'start' ? 'ArrowLeft' : 'ArrowRight'}
        onClick={onClick}
        className="!rounded-full !bg-black/50 !text-white hover:!bg-black/75"
      >
        <Icon size={18} className="rtl:-scale-x-100" />
      </IconButton>
    </span>
  )
}

/** Two pictures in one place, with a line between them that is moved. */
function Compared({ before, after }: { before: Picture; after: Picture }) {
  const [at, setAt] = useState(50)
  const image = 'absolute inset-0 size-full max-w-none object-contain'
  return (
    <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
      <Zoomable
        src={fileUrl(after.file)}
        alt={after.alt || after.name}
        width={after.width || 512}
        height={after.height || 512}
        className="flex-1"
      >
        <img src={fileUrl(after.file)} alt={after.alt || after.name} draggable={false} className={image} />
        <img
          src={fileUrl(before.file)}
          alt={before.alt || before.name}
          draggable={false}
          className={image}
          style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }}
        />
        <span
          className="absolute inset-y-0 w-0.5 -translate-x-1/2 bg-white mix-blend-difference"
          style={{ left: `${at}%` }}
        />
      </Zoomable>
      <label className="flex shrink-0 items-center gap-3 bg-surface px-4 py-2 text-label text-muted">
        <span className="max-w-[30%] truncate">{before.name}</span>
        <input
          type="range"
          min={0}
          max={100}
          value={at}
          onChange={(event) => setAt(Number(event.target.value))}
          aria-label={t('Place of the line')}
          className="h-6 min-w-0 flex-1 accent-[var(--accent-fill)]"
        />
        <span className="max-w-[30%] truncate">{after.name}</span>
      </label>
    </div>
  )
}
