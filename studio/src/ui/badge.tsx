import type { ReactNode } from 'react'
import { classes } from './classes'

type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'err' | 'info'

const TONES: Record<Tone, string> = {
  plain: 'text-muted border-line',
  accent: 'text-accent border-accent/40',
  ok: 'text-ok border-ok/40',
  warn: 'text-warn border-warn/40',
  err: 'text-err border-err/40',
  info: 'text-info border-info/40',
}

/** A word that says what something is or how it stands. */
export const Badge = ({
  tone = 'plain',
  icon,
  children,
}: {
  tone?: Tone
  icon?: ReactNode
  children: ReactNode
}) => (
  <span
    className={classes(
      'inline-flex h-5 max-w-full shrink-0 items-center gap-1 truncate rounded-full border px-2 text-caption font-medium',
      TONES[tone],
    )}
  >
    {icon}
    {children}
  </span>
)
