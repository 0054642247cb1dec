import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { labelOf } from './tile'
import { type ListQuery, usePictures } from './use-list'

const AROUND = 9

export interface FilmstripProps {
  query: ListQuery
  place: number
  total: number
  go: (step: number) => void
}

/** The neighbours in the list, the shown one in the middle. */
export function Filmstrip({ query, place, total, go }: FilmstripProps) {
  const from = Math.max(0, place - AROUND)
  const to = Math.min(total - 1, place + AROUND)
  const picture = usePictures(query, from, Math.max(from, to))
  if (place < 0 || total < 2) return null
  return (
    <ul
      aria-label={t('Neighbours')}
      className="flex h-18 shrink-0 items-center justify-center gap-1 overflow-hidden border-t bg-surface px-2 max-sm:hidden"
    >
      {Array.from({ length: to - from + 1 }, (_, index) => from + index).map((at) => {
        const known = picture(at)
        return (
          <li key={at} className="shrink-0">
            <button
              type="button"
              disabled={!known}
              aria-label={known ? labelOf(known) : undefined}
              aria-current={at === place ? 'true' : undefined}
              onClick={() => go(at - place)}
              className={classes(
                'block size-14 overflow-hidden rounded-small bg-hover',
                at === place ? 'ring-2 ring-accent' : 'opacity-60 hover:opacity-100',
              )}
            >
              {known && known.media !== 'audio' ? (
                <img
                  src={known.thumbnail}
                  alt=""
                  draggable={false}
                  className="size-full object-cover"
                  onError={(event) => event.currentTarget.remove()}
                />
              ) : null}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
