import { Search } from 'lucide-react'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { Keys } from '@/ui/keys'
import { showCommands } from './command-search'
import { DocumentTabs } from './document-tabs'
import { QueueChip } from './queue-chip'
import { RunButton } from './run-button'
import { useRunTarget } from './run-target'
import type { Screen } from './screens'

/** Above every screen, always the same: documents, search, queue, run. */
export function TopBar({ screen }: { screen: Screen }) {
  const ownButton = useRunTarget((state) => state.ownButton)
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b bg-surface ps-2 pe-3 pointer-coarse:h-14">
      <div className="flex min-w-0 flex-1 items-center">
        {screen.document ? (
          <DocumentTabs />
        ) : (
          <span className="px-2 text-body font-medium text-muted sm:hidden">{screen.title()}</span>
        )}
      </div>
      <button
        type="button"
        onClick={showCommands}
        className={classes(
          'flex h-control items-center gap-2 rounded-control border px-2 text-label text-faint hover:bg-hover hover:text-text',
          'max-md:border-transparent',
        )}
      >
        <Search size={16} strokeWidth={1.5} aria-hidden="true" />
        <span className="max-md:sr-only">{t('Search')}</span>
        <span className="max-md:hidden">
          <Keys keys="Mod+K" />
        </span>
      </button>
      <QueueChip />
      {ownButton ? null : <RunButton />}
    </header>
  )
}
