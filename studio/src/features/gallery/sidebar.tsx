import { useQuery } from '@tanstack/react-query'
import { CalendarDays, Images, Plus, Sparkle, Star, Tags, Trash2, Waypoints } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { shownNumber, t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Disclosure } from '@/ui/disclosure'
import { BoardDialog } from './board-dialog'
import { Boards } from './boards'
import { monthName } from './days'
import { type Count, facetsQuery } from './pictures'
import { goToBoard, useWanted } from './wanted'

const ICON = { size: 16, strokeWidth: 1.5, 'aria-hidden': true } as const

/** Where one looks: everything, smart boards, boards, days. `onGone` hears that one was chosen. */
export function Sidebar({ onGone }: { onGone?: () => void }) {
  const { data: facets } = useQuery(facetsQuery())
  const [making, setMaking] = useState(false)
  const counts = facets?.counts
  const today = facets?.days[0]
  const isToday = today?.name === dayOf(new Date())
  return (
    <nav aria-label={t('Boards')} className="flex flex-col gap-4 p-3 pb-8">
      <ul className="flex flex-col gap-0.5">
        <Place icon={<Images {...ICON} />} count={counts?.all} onGone={onGone}>
          {t('All')}
        </Place>
        <Place extra="is:starred" icon={<Star {...ICON} />} count={counts?.starred} onGone={onGone}>
          {t('Starred')}
        </Place>
        <Place
          extra="date:today"
          icon={<CalendarDays {...ICON} />}
          count={isToday ? today.count : 0}
          onGone={onGone}
        >
          {t('Today')}
        </Place>
        <Place extra="is:untagged" icon={<Tags {...ICON} />} count={counts?.untagged} onGone={onGone}>
          {t('Untagged')}
        </Place>
        <Place trash icon={<Trash2 {...ICON} />} count={counts?.trash} onGone={onGone}>
          {t('Trash')}
        </Place>
      </ul>
      <section aria-label={t('Own boards')}>
        <header className="flex h-7 items-center ps-2">
          <h2 className="flex-1 text-label font-medium text-muted">{t('Boards')}</h2>
          <IconButton label={t('New board')} small onClick={() => setMaking(true)}>
            <Plus size={16} />
          </IconButton>
        </header>
        <Boards boards={facets?.boards ?? []} onGone={onGone} />
      </section>
      <Listed
        name="models"
        field="model"
        icon={<Sparkle {...ICON} />}
        counts={facets?.models}
        onGone={onGone}
      >
        {t('By model')}
      </Listed>
      <Listed name="apps" field="app" icon={<Waypoints {...ICON} />} counts={facets?.apps} onGone={onGone}>
        {t('By app')}
      </Listed>
      <Months days={facets?.days ?? []} onGone={onGone} />
      {making ? <BoardDialog onClose={() => setMaking(false)} /> : null}
    </nav>
  )
}

const dayOf = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')

interface PlaceProps {
  extra?: string
  trash?: boolean
  icon?: ReactNode
  count?: number
  onGone?: () => void
  children: ReactNode
}

export const PLACE =
  'flex h-8 w-full min-w-0 items-center gap-2 rounded-control px-2 text-start text-body hover:bg-hover pointer-coarse:h-11'

function Place({ extra = '', trash = false, icon, count, onGone, children }: PlaceProps) {
  const here = useWanted((wanted) => wanted.board === '' && wanted.extra === extra && wanted.trash === trash)
  return (
    <li>
      <button
        type="button"
        aria-current={here ? 'true' : undefined}
        onClick={() => {
          goToBoard({ extra, trash })
          onGone?.()
        }}
        className={classes(
          PLACE,
          here ? 'bg-accent-soft font-medium text-text' : 'text-muted hover:text-text',
        )}
      >
        {icon}
        <span className="min-w-0 flex-1 truncate">{children}</span>
        {count ? <span className="text-label text-muted tabular">{shownNumber(count)}</span> : null}
      </button>
    </li>
  )
}

interface ListedProps {
  name: string
  field: string
  icon: ReactNode
  counts?: Count[]
  onGone?: () => void
  children: ReactNode
}

const LISTED = 40

/** Smart boards of one kind: one for each model, for instance. */
function Listed({ name, field, icon, counts, onGone, children }: ListedProps) {
  if (!counts?.length) return null
  return (
    <div className="ps-2">
      <Disclosure name={`gallery.${name}`} title={<span className="text-label text-muted">{children}</span>}>
        <ul className="-ms-2 flex flex-col gap-0.5">
          {counts.slice(0, LISTED).map(({ name: value, count }) => (
            <Place key={value} extra={`${field}:"${value}"`} icon={icon} count={count} onGone={onGone}>
              {value.replace(/\.(safetensors|gguf|ckpt|sft)$/i, '')}
            </Place>
          ))}
        </ul>
      </Disclosure>
    </div>
  )
}

/** Jumps to a month. */
function Months({ days, onGone }: { days: Count[]; onGone?: () => void }) {
  const months = new Map<string, Count[]>()
  for (const day of days) {
    const month = day.name.slice(0, 7)
    months.set(month, [...(months.get(month) ?? []), day])
  }
  if (months.size === 0) return null
  return (
    <div className="ps-2">
      <Disclosure name="gallery.months" title={<span className="text-label text-muted">{t('By date')}</span>}>
        <ul className="-ms-2 flex flex-col gap-0.5">
          {[...months].map(([month, inside]) => (
            <Place
              key={month}
              extra={`date:${inside.at(-1)!.name}..${inside[0]!.name}`}
              icon={<CalendarDays {...ICON} />}
              count={inside.reduce((sum, day) => sum + day.count, 0)}
              onGone={onGone}
            >
              {monthName(inside[0]!.name)}
            </Place>
          ))}
        </ul>
      </Disclosure>
    </div>
  )
}
