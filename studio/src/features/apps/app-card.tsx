import { Image, Star, Users } from 'lucide-react'
import { Link } from 'wouter'
import { addressOf } from '@/app/navigation'
import type { AppEntry } from '@/app/saved-apps'
import { isOwn } from '@/form/form-elements'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { usePreference } from '@/ui/remembered'
import { FAVOURITES } from './app-grid'

/** An app at a glance: what it may give, what it is called, what it asks for. */
export function AppCard({ app }: { app: AppEntry }) {
  return (
    <li className="group relative flex flex-col overflow-hidden rounded-card border bg-raised transition-colors duration-120 focus-within:border-line-strong hover:border-line-strong">
      <AppPicture app={app} />
      <div className="flex flex-1 flex-col gap-1 p-4">
        <h2 className="pe-8 text-section font-semibold">
          <Link
            href={addressOf('apps', app.name)}
            className="outline-none after:absolute after:inset-0 after:rounded-card focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
          >
            {app.title}
          </Link>
        </h2>
        {app.description ? <p className="line-clamp-2 text-body text-muted">{app.description}</p> : null}
        <p className="mt-auto truncate pt-2 text-label text-faint" title={asked(app)}>
          {asked(app)}
        </p>
        {app.tags.length > 0 || app.builtin || app.shared ? (
          <p className="flex flex-wrap gap-x-2 text-label text-muted">
            {app.builtin ? <span>{t('Built in')}</span> : null}
            {app.shared ? (
              <span className="flex items-center gap-1">
                <Users size={12} aria-hidden="true" />
                {app.mine === false ? t('Shared with you') : t('Shared with everyone')}
              </span>
            ) : null}
            {app.tags.map((tag) => (
              <span key={tag}>#{tag}</span>
            ))}
          </p>
        ) : null}
      </div>
      <div className="absolute end-2 top-2 z-1">
        <Favourite app={app.name} />
      </div>
    </li>
  )
}

const asked = (app: AppEntry): string =>
  t('Asks for {{inputs}}', {
    inputs: app.inputs
      .slice(0, 4)
      .map((input) => input.name.replaceAll('_', ' '))
      .join(', '),
  })

/** What the app made once; without one, a quiet pattern. */
function AppPicture({ app }: { app: AppEntry }) {
  const own = isOwn(app.picture) ? app.picture : ''
  return (
    <div className="relative flex aspect-[16/10] items-center justify-center border-b bg-bg text-faint">
      {own ? (
        <img src={own} alt="" loading="lazy" className="absolute inset-0 size-full object-cover" />
      ) : (
        <Image size={32} strokeWidth={1} aria-hidden="true" />
      )}
    </div>
  )
}

/** Puts an app first, or no longer. */
export function Favourite({ app }: { app: string }) {
  const [favourites, setFavourites] = usePreference<string[]>(FAVOURITES, [])
  const isOne = favourites.includes(app)
  return (
    <IconButton
      label={isOne ? t('No longer a favourite') : t('Favourite')}
      pressed={isOne}
      onClick={() => setFavourites(isOne ? favourites.filter((name) => name !== app) : [...favourites, app])}
      className="!bg-surface/80 backdrop-blur-sm"
    >
      <Star size={16} strokeWidth={1.5} fill={isOne ? 'currentColor' : 'none'} />
    </IconButton>
  )
}
