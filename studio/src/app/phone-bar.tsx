import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { Sheet } from '@/ui/sheet'
import { addressOf } from './navigation'
import { screens } from './screens'

const ITEM = 'flex h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-caption text-muted'

/** The screens on a phone: the four that one needs there, and the rest behind "More". */
export function PhoneBar({ current }: { current: string }) {
  const [open, setOpen] = useState(false)
  const shown = screens.filter((screen) => screen.phone)
  const more = screens.filter((screen) => !screen.phone && !screen.hidden)
  return (
    <nav
      aria-label={t('Screens')}
      className="flex shrink-0 border-t bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {shown.map((screen) => (
        <Link
          key={screen.id}
          href={addressOf(screen.id)}
          aria-current={screen.id === current ? 'page' : undefined}
          className={classes(ITEM, screen.id === current && '!text-accent')}
        >
          <screen.icon size={22} strokeWidth={1.5} aria-hidden="true" />
          <span className="max-w-full truncate">{screen.title()}</span>
        </Link>
      ))}
      <button
        type="button"
        className={classes(ITEM, more.some((screen) => screen.id === current) && '!text-accent')}
        onClick={() => setOpen(true)}
      >
        <Ellipsis size={22} strokeWidth={1.5} aria-hidden="true" />
        <span>{t('More')}</span>
      </button>
      <Sheet open={open} onClose={() => setOpen(false)} title={t('More')} side="bottom">
        <div className="grid grid-cols-3 gap-2 p-4">
          {more.map((screen) => (
            <Link
              key={screen.id}
              href={addressOf(screen.id)}
              onClick={() => setOpen(false)}
              className="flex h-20 flex-col items-center justify-center gap-2 rounded-card border text-body"
            >
              <screen.icon size={22} strokeWidth={1.5} aria-hidden="true" />
              {screen.title()}
            </Link>
          ))}
        </div>
      </Sheet>
    </nav>
  )
}
