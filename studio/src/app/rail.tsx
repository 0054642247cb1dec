import { CircleHelp } from 'lucide-react'
import { Link } from 'wouter'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { Tooltip } from '@/ui/tooltip'
import { showKeys } from './keys-page'
import { addressOf } from './navigation'
import { usePreferences } from './preferences'
import { type Screen, screens } from './screens'

const ITEM =
  'flex w-full flex-col items-center justify-center gap-0.5 rounded-control text-caption text-muted transition-colors duration-120 hover:bg-hover hover:text-text outline-offset-[-2px]'

/** The screens, at the left edge. Nothing in it moves. */
export function Rail({ current }: { current: string }) {
  const words = usePreferences((state) => state.railWords)
  const main = screens.filter((screen) => screen.order < 90 && !screen.hidden)
  const foot = screens.filter((screen) => screen.order >= 90 && !screen.hidden)
  return (
    <nav
      aria-label={t('Screens')}
      className="flex w-18 shrink-0 flex-col gap-1 overflow-y-auto border-e bg-surface px-1 py-2 max-sm:hidden"
    >
      <img src="/studio/mark.svg" alt="Limner" className="mx-auto mb-2 size-7 shrink-0" />
      {main.map((screen, at) => (
        <Entry
          key={screen.id}
          screen={screen}
          current={current}
          words={words}
          keys={at < 8 ? String(at + 1) : undefined}
        />
      ))}
      <div className="flex-1" />
      <Tooltip label={t('Keys and help')} keys="?" side="right">
        <button
          type="button"
          onClick={showKeys}
          aria-label={t('Keys and help')}
          className={classes(ITEM, words ? 'h-13' : 'h-11')}
        >
          <CircleHelp size={20} strokeWidth={1.5} aria-hidden="true" />
          {words ? <span>{t('Help')}</span> : null}
        </button>
      </Tooltip>
      {foot.map((screen) => (
        <Entry key={screen.id} screen={screen} current={current} words={words} />
      ))}
    </nav>
  )
}

function Entry({
  screen,
  current,
  words,
  keys,
}: {
  screen: Screen
  current: string
  words: boolean
  keys?: string
}) {
  const Icon = screen.icon
  const here = screen.id === current
  return (
    <Tooltip label={screen.title()} keys={keys} side="right">
      <Link
        href={addressOf(screen.id)}
        aria-current={here ? 'page' : undefined}
        aria-label={screen.title()}
        className={classes(ITEM, words ? 'h-13' : 'h-11', 'shrink-0', here && '!bg-accent-soft !text-accent')}
      >
        <Icon size={20} strokeWidth={1.5} aria-hidden="true" />
        {words ? <span className="max-w-full truncate">{screen.title()}</span> : null}
      </Link>
    </Tooltip>
  )
}
