import { Table2, Trash2 } from 'lucide-react'
import { goTo } from '@/app/navigation'
import { shownAge, t } from '@/i18n/text'
import { thumbUrl } from '@/net/files'
import { IconButton } from '@/ui/button'
import { toastUndo } from '@/ui/toasts'
import { type Comparison, forgetComparison, keepComparison, useComparisons } from './comparisons'
import { countOf } from './plan'

const SHOWN = 12

/** Comparisons that were made in this browser, the newest first. */
export function Earlier() {
  const known = useComparisons((state) => state.known)
  const all = Object.values(known).sort((one, other) => other.created - one.created)
  if (all.length === 0) return null
  const forget = (one: Comparison) => {
    void forgetComparison(one.id)
    toastUndo(t('Forgotten: {{title}}. Its pictures stay.', { title: one.title }), () => keepComparison(one))
  }
  return (
    <section className="mx-auto w-full max-w-xl px-4 pb-8">
      <h2 className="mb-2 text-label font-semibold text-muted">{t('Earlier comparisons')}</h2>
      <ul className="flex flex-col overflow-hidden rounded-card border bg-surface">
        {all.slice(0, SHOWN).map((one) => (
          <li key={one.id} className="flex items-center gap-3 border-b pe-2 last:border-b-0 hover:bg-hover">
            <button
              type="button"
              onClick={() => goTo('compare', one.id)}
              className="flex min-w-0 flex-1 items-center gap-3 p-2 text-start outline-offset-[-2px]"
            >
              <Glimpse comparison={one} />
              <span className="flex min-w-0 flex-col">
                <span className="truncate text-body">{one.title}</span>
                <span className="truncate text-label text-faint">
                  {t('{{count}} pictures', { count: countOf(one.axes) })} · {shownAge(one.created)}
                </span>
              </span>
            </button>
            <IconButton small label={t('Forget {{title}}', { title: one.title })} onClick={() => forget(one)}>
              <Trash2 size={14} strokeWidth={1.5} />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Glimpse({ comparison }: { comparison: Comparison }) {
  const files = Object.values(comparison.cells).flatMap((cell) => cell.files.slice(0, 1))
  return (
    <span className="grid size-11 shrink-0 grid-cols-2 place-items-center overflow-hidden rounded-control border bg-bg text-faint">
      {files.length === 0 ? (
        <Table2 size={18} strokeWidth={1.5} className="col-span-2" aria-hidden="true" />
      ) : null}
      {files.slice(0, 4).map((file) => (
        <img
          key={file.filename}
          src={thumbUrl(file)}
          alt=""
          loading="lazy"
          className="size-full object-cover"
        />
      ))}
    </span>
  )
}
