import { ListX } from 'lucide-react'
import { shownNumber, t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Tooltip } from '@/ui/tooltip'
import type { Lists } from './lists'
import { clearFinished, useLeaving } from './orders'

/** Empties the list of what is over. Always at the same place, also when there is nothing to clear. */
export function QueueActions({ lists, finished }: { lists: Lists; finished: number }) {
  const leaving = useLeaving((state) => state.ids)
  const shown = [...lists.failed, ...lists.done].filter((row) => !leaving.has(row.id))
  const nothing = finished === 0 || (shown.length === 0 && leaving.size > 0)
  return (
    <Tooltip label={nothing ? t('Nothing is finished.') : t('Their pictures stay in the gallery.')}>
      <Button
        icon={<ListX size={16} strokeWidth={1.5} aria-hidden="true" />}
        aria-disabled={nothing}
        className={nothing ? 'opacity-45' : ''}
        onClick={() => !nothing && clearFinished(shown, finished)}
      >
        <span className="max-sm:sr-only">{t('Clear finished')}</span>{' '}
        {finished > 0 ? (
          <span className="text-faint tabular max-sm:hidden">{shownNumber(finished)}</span>
        ) : null}
      </Button>
    </Tooltip>
  )
}
