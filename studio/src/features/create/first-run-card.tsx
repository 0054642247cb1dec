import { Boxes, FolderSearch, Waypoints, X } from 'lucide-react'
import { goTo } from '@/app/navigation'
import { dismissForEver, type Preferences, prefer, usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Chip } from '@/ui/chip'
import { useOpenFile } from './use-open-file'
import { useResults } from './use-results'

/** The tip's name among those that were dismissed. */
export const FIRST_RUN = 'first-run'

/** After the first picture: three ways on, and where one comes from. Dismissed once, it never comes back. */
export function FirstRunCard({ document }: { document: string }) {
  const done = useResults(document).length > 0
  const dismissed = usePreferences((state) => state.dismissed.includes(FIRST_RUN))
  const habits = usePreferences((state) => state.habits)
  const openFile = useOpenFile()
  if (!done || dismissed) return null
  const ways = [
    {
      title: t('Get a real model'),
      text: t('Larger, finer pictures'),
      icon: Boxes,
      run: () => goTo('models', 'find'),
    },
    {
      title: t('Use models I have'),
      text: t('Nothing is copied'),
      icon: FolderSearch,
      run: () => goTo('models', 'folders'),
    },
    {
      title: t('Open a workflow'),
      text: t('From a picture or a file'),
      icon: Waypoints,
      run: openFile,
    },
  ]
  const origins: [Preferences['habits'], string][] = [
    ['comfyui', 'ComfyUI'],
    ['a1111', 'A1111'],
    ['invokeai', 'InvokeAI'],
    ['photoshop', 'Photoshop'],
  ]
  return (
    <section aria-label={t('Where to go from here')} className="mt-auto rounded-card border bg-raised p-3">
      <div className="flex flex-col gap-2">
        <div className="flex items-center">
          <h2 className="flex-1 text-body font-medium">{t('Where to go from here')}</h2>
          <IconButton label={t('Do not show this again')} small onClick={() => dismissForEver(FIRST_RUN)}>
            <X size={14} />
          </IconButton>
        </div>
        <div className="-mx-1 flex flex-col">
          {ways.map((way) => (
            <button
              key={way.title}
              type="button"
              onClick={() => {
                dismissForEver(FIRST_RUN)
                way.run()
              }}
              className="flex min-h-11 items-center gap-3 rounded-control px-2 py-1 text-start hover:bg-hover"
            >
              <way.icon size={18} strokeWidth={1.5} className="shrink-0 text-accent" aria-hidden="true" />
              <span className="min-w-0">
                <span className="block truncate text-body font-medium">{way.title}</span>
                <span className="block truncate text-label text-muted">{way.text}</span>
              </span>
            </button>
          ))}
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-label text-muted">{t('I come from')}</span>
          {origins.map(([name, label]) => (
            <Chip key={name} chosen={habits === name} onClick={() => prefer({ habits: name })}>
              {label}
            </Chip>
          ))}
        </div>
      </div>
    </section>
  )
}
