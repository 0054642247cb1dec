import { Boxes, FolderSearch, Waypoints, X } from 'lucide-react'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import { dismissForEver, type Preferences, prefer, usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Chip } from '@/ui/chip'

const TIP = 'first-run'

/** After the first picture: three ways on, and where one comes from. Dismissed once, it never comes back. */
export function FirstRunCard({ done }: { document: string; done: boolean }) {
  const dismissed = usePreferences((state) => state.dismissed.includes(TIP))
  const habits = usePreferences((state) => state.habits)
  if (!done || dismissed) return null
  const ways = [
    {
      title: t('Get a real model'),
      text: t('Larger, finer pictures'),
      icon: Boxes,
      run: () => sendTo('models', 'find'),
    },
    {
      title: t('Use models I have'),
      text: t('Nothing is copied'),
      icon: FolderSearch,
      run: () => sendTo('models', 'folders'),
    },
    {
      title: t('Open a workflow'),
      text: t('From a picture or a file'),
      icon: Waypoints,
      run: () => goTo('graph'),
    },
  ]
  const origins: [Preferences['habits'], string][] = [
    ['comfyui', 'ComfyUI'],
    ['a1111', 'A1111'],
    ['invokeai', 'InvokeAI'],
    ['photoshop', 'Photoshop'],
  ]
  return (
    <section aria-label={t('Where to go from here')} className="shrink-0 border-t bg-surface px-4 py-3">
      <div className="mx-auto flex max-w-3xl flex-col gap-3">
        <div className="flex items-center">
          <h2 className="flex-1 text-body font-medium">{t('Your first picture. Where to go from here?')}</h2>
          <IconButton label={t('Do not show this again')} small onClick={() => dismissForEver(TIP)}>
            <X size={14} />
          </IconButton>
        </div>
        <div className="grid grid-cols-3 gap-2 max-sm:grid-cols-1">
          {ways.map((way) => (
            <button
              key={way.title}
              type="button"
              onClick={() => {
                dismissForEver(TIP)
                way.run()
              }}
              className="flex items-center gap-3 rounded-card border p-2 ps-3 text-start hover:border-line-strong hover:bg-hover"
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
