import {
  ArrowLeft,
  Ellipsis,
  type LucideIcon,
  Pencil,
  RotateCcw,
  Share2,
  Trash2,
  Waypoints,
} from 'lucide-react'
import { useState } from 'react'
import { documentId, openApp } from '@/app/app-documents'
import { useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import { type App, openedApp } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Menu } from '@/ui/menu'
import { Segmented } from '@/ui/segmented'
import { useMedia } from '@/ui/use-media'
import { Favourite } from './app-card'
import { useRemoveApp } from './remove-app'
import { ShareDialog } from './share-dialog'

export type AppPart = 'run' | 'api'

export interface AppHeaderProps {
  app: App
  part: AppPart
  onPart: (part: AppPart) => void
  definitions: Definitions
}

interface Deed {
  label: string
  icon: LucideIcon
  run: () => void
  danger?: boolean
}

/** What the app is called and what can be done with it; on a phone the deeds are a menu. */
export function AppHeader({ app, part, onPart, definitions }: AppHeaderProps) {
  const [sharing, setSharing] = useState(false)
  const isPhone = useMedia('(max-width: 639px)')
  const id = documentId(app.name)
  const workflow = () => useDocuments.getState().open[id]?.workflow
  const deeds = useDeeds(app, definitions, () => setSharing(true))
  const views = [
    { value: 'run', label: t('App') },
    { value: 'api', label: t('API') },
  ] as const
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b bg-surface px-4 py-2 max-sm:gap-x-1 max-sm:px-2">
      <IconButton label={t('All apps')} onClick={() => goTo('apps')}>
        <ArrowLeft size={18} strokeWidth={1.5} className="rtl:-scale-x-100" />
      </IconButton>
      <div className="min-w-0 flex-1">
        <h1 className="truncate text-section font-semibold">{app.title}</h1>
        {app.description ? (
          <p className="truncate text-label text-muted max-sm:hidden">{app.description}</p>
        ) : null}
      </div>
      {isPhone ? null : (
        <Segmented label={t('View')} value={part} onChange={onPart} segments={views} className="w-32" />
      )}
      <div className="flex items-center gap-1">
        <Favourite app={app.name} />
        {isPhone ? (
          <Menu
            align="end"
            trigger={
              <IconButton label={t('More')}>
                <Ellipsis size={18} strokeWidth={1.5} />
              </IconButton>
            }
            entries={deeds.map(({ label, icon: Icon, run, danger }) => ({
              label,
              icon: <Icon size={16} strokeWidth={1.5} />,
              onSelect: run,
              ...(danger ? { danger } : {}),
            }))}
          />
        ) : (
          deeds.map(({ label, icon: Icon, run }) => (
            <IconButton key={label} label={label} onClick={run}>
              <Icon size={16} strokeWidth={1.5} />
            </IconButton>
          ))
        )}
      </div>
      <ShareDialog open={sharing} onClose={() => setSharing(false)} app={app} workflow={workflow} />
    </header>
  )
}

function useDeeds(app: App, definitions: Definitions, share: () => void): Deed[] {
  const removeIt = useRemoveApp(app)
  const id = documentId(app.name)
  const workflow = () => useDocuments.getState().open[id]?.workflow
  return [
    {
      label: t('Begin anew'),
      icon: RotateCcw,
      run: () => openApp(app.name, app.title, openedApp(app, definitions), true),
    },
    {
      label: t('Open as graph'),
      icon: Waypoints,
      run: () => sendTo('graph', 'open-workflow', { workflow: workflow(), title: app.title }),
    },
    { label: t('Edit the app'), icon: Pencil, run: () => goTo('apps', `build/${id}`) },
    { label: t('Share'), icon: Share2, run: share },
    ...(app.builtin || app.mine === false
      ? []
      : [{ label: t('Remove the app'), icon: Trash2, danger: true, run: () => void removeIt() }]),
  ]
}
