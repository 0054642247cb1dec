import { LayoutGrid, Plus, Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useDocuments } from '@/app/documents'
import { goTo } from '@/app/navigation'
import { type AppEntry, useApps } from '@/app/saved-apps'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Chip } from '@/ui/chip'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Input } from '@/ui/input'
import { usePreference } from '@/ui/remembered'
import { ScreenHeader } from '@/ui/screen-frame'
import { Skeleton } from '@/ui/skeleton'
import { AppCard } from './app-card'

export const FAVOURITES = 'apps.favourites'

/** All apps as cards: favourites first, then one's own, then those that are always there. */
export function AppGrid() {
  const { data, error, isPending, refetch } = useApps()
  const [favourites] = usePreference<string[]>(FAVOURITES, [])
  const [wanted, setWanted] = useState('')
  const [tag, setTag] = useState('')
  const tags = useMemo(() => [...new Set((data ?? []).flatMap((app) => app.tags))].sort(), [data])
  const shown = useMemo(
    () =>
      sorted(
        (data ?? []).filter((app) => fits(app, wanted, tag)),
        favourites,
      ),
    [data, wanted, tag, favourites],
  )
  return (
    <div className="flex h-full flex-col">
      <ScreenHeader title={t('Apps')} actions={<MakeButton />}>
        <div className="relative w-72 max-w-full max-sm:w-full">
          <Search
            size={16}
            strokeWidth={1.5}
            aria-hidden="true"
            className="pointer-events-none absolute start-2 top-1/2 -translate-y-1/2 text-faint"
          />
          <Input
            type="search"
            aria-label={t('Search apps')}
            placeholder={t('Search apps')}
            value={wanted}
            onChange={setWanted}
            className="!ps-8"
          />
        </div>
        {tags.map((name) => (
          <Chip key={name} chosen={tag === name} onClick={() => setTag(tag === name ? '' : name)}>
            {name}
          </Chip>
        ))}
      </ScreenHeader>
      <div className="min-h-0 flex-1 overflow-auto p-6 max-sm:p-4">
        {error ? (
          <ErrorNote
            title={t('The apps could not be read.')}
            actions={
              <Button small onClick={() => void refetch()}>
                {t('Try again')}
              </Button>
            }
          >
            {error.message}
          </ErrorNote>
        ) : null}
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(260px,100%),1fr))] gap-4">
          {isPending
            ? [1, 2, 3].map((number) => (
                <li key={number}>
                  <Skeleton className="h-64 !rounded-card" />
                </li>
              ))
            : shown.map((app) => <AppCard key={app.name} app={app} />)}
        </ul>
        {data && shown.length === 0 ? (
          <EmptyState icon={<LayoutGrid />} title={t('No app is called that.')}>
            {t('Search for another word, or make an app of a workflow.')}
          </EmptyState>
        ) : null}
        {data?.every((app) => app.builtin) && !wanted ? <FirstSteps /> : null}
      </div>
    </div>
  )
}

const fits = (app: AppEntry, wanted: string, tag: string): boolean =>
  (!tag || app.tags.includes(tag)) &&
  wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) =>
      `${app.title} ${app.name} ${app.description} ${app.tags.join(' ')}`.toLowerCase().includes(word),
    )

function sorted(apps: AppEntry[], favourites: string[]): AppEntry[] {
  const rank = (app: AppEntry) => (favourites.includes(app.name) ? 0 : app.builtin ? 2 : 1)
  return [...apps].sort((one, other) => rank(one) - rank(other) || other.created - one.created)
}

const MakeButton = () => {
  const active = useDocuments((state) => state.active)
  return (
    <Button
      look="primary"
      icon={<Plus size={16} aria-hidden="true" />}
      onClick={() => goTo('apps', active ? `build/${active}` : 'build/')}
    >
      {t('Make an app')}
    </Button>
  )
}

const FirstSteps = () => (
  <p className="mx-auto mt-10 max-w-xl text-center text-body text-balance text-muted">
    {t(
      'An app is a workflow as a form: only what people may change, with a button that runs it. Open a workflow in Graph or Create, then press “Make an app”.',
    )}
  </p>
)
