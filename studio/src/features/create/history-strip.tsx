import { PanelRightClose } from 'lucide-react'
import { shownAge, t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { choose, useStage } from './stage-state'
import { thumbnailUrl } from './thumbnails'
import { useResults } from './use-results'

/** What this document made, the newest first. */
export function HistoryStrip({ document, onHide }: { document: string; onHide: () => void }) {
  const results = useResults(document)
  const chosen = useStage((state) => state.chosen[document] ?? '')
  const shown = chosen || results[0]?.key
  return (
    <div className="flex min-h-full flex-col">
      <div className="sticky top-0 z-10 flex h-10 shrink-0 items-center gap-1 bg-surface ps-3 pe-1">
        <h2 className="min-w-0 flex-1 truncate text-label font-medium text-muted">{t('History')}</h2>
        <IconButton label={t('Hide the history')} small onClick={onHide}>
          <PanelRightClose size={14} />
        </IconButton>
      </div>
      {results.length === 0 ? (
        <p className="px-3 text-label text-faint">{t('Pictures of this document appear here.')}</p>
      ) : null}
      <ol className="grid grid-cols-[repeat(auto-fill,minmax(88px,1fr))] gap-2 px-3 pb-3">
        {results.map((result, at) => (
          <li key={result.key} className="[content-visibility:auto]">
            <button
              type="button"
              aria-pressed={result.key === shown}
              aria-label={t('Picture of {{age}}, {{number}} of {{total}}', {
                age: shownAge(result.ended),
                number: at + 1,
                total: results.length,
              })}
              onClick={() => choose(document, result.key)}
              className={classes(
                'block aspect-square w-full overflow-hidden rounded-control border bg-bg',
                result.key === shown
                  ? 'border-accent outline-2 -outline-offset-1 outline-accent'
                  : 'hover:border-line-strong',
              )}
            >
              <img
                src={thumbnailUrl(result.file)}
                alt=""
                loading="lazy"
                className="size-full object-contain"
              />
            </button>
          </li>
        ))}
      </ol>
    </div>
  )
}
