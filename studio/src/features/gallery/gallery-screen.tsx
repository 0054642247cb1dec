import { PanelLeft } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useIntents } from '@/app/intents'
import { goTo } from '@/app/navigation'
import type { ScreenProps } from '@/app/screens'
import { t } from '@/i18n/text'
import type { FileRef } from '@/net/files'
import { IconButton } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Panel } from '@/ui/panel'
import { Progress } from '@/ui/progress'
import { usePreference } from '@/ui/remembered'
import { Sheet } from '@/ui/sheet'
import { NARROW, PHONE, useMedia } from '@/ui/use-media'
import { EmptyGallery } from './empty-gallery'
import { Grid, shownTotal } from './grid'
import { importPictures, type Lies } from './pictures'
import { SearchField } from './search-field'
import { clearSelection, setOpened, useSelection } from './selection'
import { SelectionBar } from './selection-bar'
import { Sidebar } from './sidebar'
import { useGalleryCommands } from './use-commands'
import { type ListQuery, useList } from './use-list'
import { ViewMenu } from './view-menu'
import { Viewer } from './viewer'
import { useWanted } from './wanted'

/** Everything that was made, found again. */
export default function GalleryScreen({ rest }: ScreenProps) {
  const { query, lies } = useList()
  const narrow = useMedia(NARROW)
  const [aside, setAside] = usePreference('gallery.sidebar', true)
  const [sheet, setSheet] = useState(false)
  const jump = useRef<((at: number) => void) | null>(null)
  const choosing = useSelection((state) => state.ids.size > 0)
  useGalleryIntents()
  useEffect(() => {
    if (rest === '') setOpened(false)
  }, [rest])
  useGalleryCommands(query, rest !== '')
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen belongs to the list that was shown.
  useEffect(clearSelection, [query])
  return (
    <>
      <div className="flex h-full min-h-0">
        {!narrow && aside ? (
          <Panel name="gallery" side="left" size={232} min={180} max={400} label={t('Boards')}>
            <Sidebar />
          </Panel>
        ) : null}
        <div className="flex min-w-0 flex-1 flex-col">
          <h1 className="sr-only">{t('Gallery')}</h1>
          {choosing ? (
            <SelectionBar query={query} />
          ) : (
            <header className="flex min-h-14 shrink-0 items-center gap-2 border-b bg-surface px-4 py-2 max-sm:px-2">
              <IconButton
                label={narrow ? t('Boards') : aside ? t('Hide boards') : t('Show boards')}
                onClick={() => (narrow ? setSheet(true) : setAside(!aside))}
              >
                <PanelLeft size={16} />
              </IconButton>
              <SearchField />
              <span className="ms-auto hidden ps-2 text-label whitespace-nowrap text-faint tabular sm:block">
                {lies.data ? shownTotal(lies.data.total) : ''}
              </span>
              <ViewMenu />
            </header>
          )}
          <Reading lies={lies.data} />
          {lies.error ? (
            <div className="p-4">
              <ErrorNote title={t('The gallery cannot be read.')}>{lies.error.message}</ErrorNote>
            </div>
          ) : null}
          {lies.data ? <List lies={lies.data} query={query} jump={jump} /> : null}
        </div>
      </div>
      <Sheet open={sheet && narrow} onClose={() => setSheet(false)} title={t('Boards')} side="left">
        <Sidebar onGone={() => setSheet(false)} />
      </Sheet>
      {rest ? (
        <Viewer id={rest} query={query} total={lies.data?.total ?? 0} onShown={(at) => jump.current?.(at)} />
      ) : null}
    </>
  )
}

interface ListProps {
  lies: Lies
  query: ListQuery
  jump: React.RefObject<((at: number) => void) | null>
}

const PHONE_TILE = 122

function List({ lies, query, jump }: ListProps) {
  const phone = useMedia(PHONE)
  const [size] = usePreference('gallery.size', 200)
  const [square] = usePreference('gallery.square', false)
  const wanted = useWanted()
  if (lies.total === 0) return <EmptyGallery wanted={wanted} />
  return (
    <Grid
      lies={lies}
      query={query}
      size={phone ? PHONE_TILE : size}
      square={phone || square}
      label={t('Pictures')}
      onOpen={(picture) => {
        setOpened(true)
        goTo('gallery', picture.id)
      }}
      jump={jump}
    />
  )
}

/** How far the reading of files that are new here is. */
function Reading({ lies }: { lies: Lies | undefined }) {
  if (!lies?.reading) return null
  const all = Math.max(lies.total, lies.reading)
  const done = 1 - lies.reading / all
  return (
    <div className="flex shrink-0 items-center gap-3 border-b px-4 py-2 text-label text-muted" role="status">
      <Progress value={done} label={t('Reading pictures')} className="w-40" />
      {t('Reading pictures: {{percent}} %', { percent: Math.floor(done * 100) })}
    </div>
  )
}

function useGalleryIntents(): void {
  useIntents('gallery', ({ name, data }) => {
    if (name === 'import') void importPictures(data.files as File[], useWanted.getState().board)
    if (name === 'show') {
      const file = data.file as FileRef
      useWanted.setState({ text: `"${file.filename}"`, board: '', extra: '', trash: false })
    }
  })
}
