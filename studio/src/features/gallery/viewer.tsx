import { useQuery } from '@tanstack/react-query'
import { Columns2, FlipHorizontal2, Info, SplitSquareHorizontal, X } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type Command, useCommands } from '@/app/commands'
import { goTo } from '@/app/navigation'
import {
  type PictureAction,
  PictureActionRow,
  usePictureActions,
  usePictureKeys,
} from '@/app/picture-actions'
import { shownNumber, t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { EmptyState } from '@/ui/empty-state'
import { Menu } from '@/ui/menu'
import { Panel } from '@/ui/panel'
import { usePreference } from '@/ui/remembered'
import { Sheet } from '@/ui/sheet'
import { NARROW, PHONE, useMedia } from '@/ui/use-media'
import type { ZoomHandle } from '@/ui/zoomable'
import { Filmstrip } from './filmstrip'
import { PictureDetails } from './picture-details'
import { type Details, detailsQuery, type Picture } from './pictures'
import { setCurrent, useSelection } from './selection'
import { Stage, type StageMode } from './stage'
import { type ListQuery, usePictures } from './use-list'
import { usePlaceOf } from './use-place'

export interface ViewerProps {
  id: string
  query: ListQuery
  total: number
  /** The list behind follows. */
  onShown: (at: number) => void
}

/** One picture over the list: looked at closely, compared, read, used again. */
export function Viewer({ id, query, total, onShown }: ViewerProps) {
  const { data, error } = useQuery(detailsQuery(id))
  const place = usePlaceOf(id, query)
  const narrow = useMedia(NARROW)
  const [aside, setAside] = usePreference('gallery.details', true)
  const [sheet, setSheet] = useState(false)
  const box = useRef<HTMLElement>(null)
  useEffect(() => box.current?.focus(), [])
  const go = useGo(query, place, total, onShown)
  const picture = data
  return (
    <section
      ref={box}
      tabIndex={-1}
      aria-label={t('Picture viewer')}
      className="absolute inset-0 z-20 flex flex-col bg-bg outline-none max-sm:fixed max-sm:z-30"
    >
      {error ? (
        <EmptyState title={t('This picture is not in the gallery')} actions={null}>
          {error.message}
          <IconButton label={t('Close')} onClick={closeViewer}>
            <X size={16} />
          </IconButton>
        </EmptyState>
      ) : picture ? (
        <Opened
          picture={picture}
          query={query}
          place={place}
          total={total}
          go={go}
          onClose={closeViewer}
          details={narrow ? sheet : aside}
          onDetails={() => (narrow ? setSheet(!sheet) : setAside(!aside))}
          panel={!narrow && aside}
        />
      ) : null}
      {picture ? (
        <Sheet open={narrow && sheet} onClose={() => setSheet(false)} title={t('Details')} side="bottom">
          <PictureDetails picture={picture} />
        </Sheet>
      ) : null}
    </section>
  )
}

interface OpenedProps {
  picture: Details
  query: ListQuery
  place: number
  total: number
  go: (step: number) => void
  onClose: () => void
  details: boolean
  onDetails: () => void
  panel: boolean
}

function Opened({ picture, query, place, total, go, onClose, details, onDetails, panel }: OpenedProps) {
  const [mode, setMode] = useState<StageMode>('one')
  const [flipped, setFlipped] = useState(false)
  const zoom = useRef<ZoomHandle>(null)
  const flip = useCallback(() => setFlipped((now) => !now), [])
  const phone = useMedia(PHONE)
  const file = useMemo(() => ({ ...picture.file, media: `${picture.media}s` }), [picture.file, picture.media])
  const next = useCallback(() => go(place + 1 < total ? 1 : -1), [go, place, total])
  const actions = usePictureActions(file, {
    onGone: next,
    omit: [...(picture.trashed ? ['delete', 'star'] : []), ...(phone ? ['vary'] : [])],
  })
  usePictureKeys(file, actions)
  useViewerKeys({ go, onClose, zoom, flip })
  const other = useNeighbour(query, place, total, picture)
  const compares = mode !== 'one'
  return (
    <>
      <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-1 border-b bg-surface px-2 py-1">
        <IconButton label={t('Close')} keys="Escape" onClick={onClose}>
          <X size={16} />
        </IconButton>
        <h2 className="min-w-0 truncate text-body font-medium">{picture.name}</h2>
        {place >= 0 ? (
          <span className="px-2 text-label whitespace-nowrap text-faint tabular">
            {t('{{at}} of {{total}}', { at: shownNumber(place + 1), total: shownNumber(total) })}
          </span>
        ) : null}
        <span className="flex-1" />
        {picture.media === 'image' ? (
          <Ways mode={mode} setMode={setMode} compares={other !== undefined} flipped={flipped} flip={flip} />
        ) : null}
        <IconButton label={t('Details')} pressed={details} onClick={onDetails}>
          <Info size={16} />
        </IconButton>
      </header>
      <div className="flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          <Stage
            picture={picture}
            other={compares ? other : undefined}
            mode={other ? mode : 'one'}
            flipped={flipped}
            zoom={zoom}
            go={go}
            first={place <= 0}
            last={place + 1 >= total}
            onClose={onClose}
            onDetails={onDetails}
          />
          <ActionsLine actions={actions} />
          <Filmstrip query={query} place={place} total={total} go={go} />
        </div>
        {panel ? (
          <Panel name="gallery.details" side="right" size={320} min={260} max={520} label={t('Details')}>
            <PictureDetails picture={picture} />
          </Panel>
        ) : null}
      </div>
    </>
  )
}

interface WaysProps {
  mode: StageMode
  setMode: (mode: StageMode) => void
  /** There is another picture to compare with. */
  compares: boolean
  flipped: boolean
  flip: () => void
}

/** How the picture is looked at: buttons, or a menu where there is no room for them. */
function Ways({ mode, setMode, compares, flipped, flip }: WaysProps) {
  const phone = useMedia(PHONE)
  const turn = (wanted: StageMode) => () => setMode(mode === wanted ? 'one' : wanted)
  const ways = [
    {
      label: t('Beside the next one'),
      icon: Columns2,
      on: mode === 'beside',
      off: !compares,
      run: turn('beside'),
    },
    {
      label: t('Before and after, with a slider'),
      icon: SplitSquareHorizontal,
      on: mode === 'slider',
      off: !compares,
      run: turn('slider'),
    },
    { label: t('Flip'), icon: FlipHorizontal2, on: flipped, off: false, run: flip, keys: 'H' },
  ]
  if (phone)
    return (
      <Menu
        align="end"
        trigger={
          <IconButton label={t('Ways to look')}>
            <Columns2 size={16} />
          </IconButton>
        }
        entries={ways.map(({ label, on, off, run }) => ({
          label,
          checked: on,
          disabled: off,
          onSelect: run,
        }))}
      />
    )
  return ways.map(({ label, icon: Icon, on, off, run, keys }) => (
    <IconButton key={label} label={label} keys={keys} pressed={on} disabled={off} onClick={run}>
      <Icon size={16} />
    </IconButton>
  ))
}

const ActionsLine = ({ actions }: { actions: PictureAction[] }) => (
  <div className={classes('shrink-0 border-t bg-surface px-2 py-1', 'max-sm:max-h-28 max-sm:overflow-auto')}>
    <PictureActionRow actions={actions} />
  </div>
)

/** Goes to a neighbour; the address follows, without a step back for each. */
function useGo(query: ListQuery, place: number, total: number, onShown: (at: number) => void) {
  const near = usePictures(query, Math.max(0, place - 1), Math.min(Math.max(0, total - 1), place + 1))
  return useCallback(
    (step: number) => {
      const at = place + step
      const picture = place < 0 || at < 0 || at >= total ? undefined : near(at)
      if (!picture) return
      setCurrent(at)
      onShown(at)
      goTo('gallery', picture.id, { replace: true })
    },
    [near, place, total, onShown],
  )
}

/** The picture that this one is compared with: the next one, or at the end the one before. */
function useNeighbour(query: ListQuery, place: number, total: number, picture: Picture): Picture | undefined {
  const at = place + 1 < total ? place + 1 : place - 1
  const near = usePictures(query, Math.max(0, at), Math.max(0, at))
  const other = place < 0 || at < 0 ? undefined : near(at)
  return other && other.id !== picture.id && other.media === 'image' ? other : undefined
}

/** Back to the list: a step back if the viewer was opened from it, so that "forward" opens it again. */
function closeViewer(): void {
  if (useSelection.getState().opened) history.back()
  else goTo('gallery', '', { replace: true })
}

interface ViewerKeys {
  go: (step: number) => void
  onClose: () => void
  zoom: React.RefObject<ZoomHandle | null>
  flip: () => void
}

function useViewerKeys({ go, onClose, zoom, flip }: ViewerKeys): void {
  const commands = useMemo((): Command[] => {
    const group = t('Viewer')
    return [
      { id: 'viewer.next', label: t('Next picture'), keys: 'ArrowRight', group, run: () => go(1) },
      { id: 'viewer.previous', label: t('Previous picture'), keys: 'ArrowLeft', group, run: () => go(-1) },
      { id: 'viewer.close', label: t('Close the viewer'), keys: 'Escape', group, run: onClose },
      {
        id: 'viewer.zoom',
        label: t('Zoom to pixels and back'),
        keys: 'z',
        group,
        run: () => zoom.current?.toggle(),
      },
      { id: 'viewer.flip', label: t('Flip'), keys: 'h', group, run: flip },
    ]
  }, [go, onClose, zoom, flip])
  useCommands(commands)
}
