import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react'
import { create } from 'zustand'
import { t } from '@/i18n/text'
import { Button, IconButton } from './button'

type Tone = 'info' | 'ok' | 'warn' | 'err'

export interface ToastWish {
  text: string
  tone?: Tone
  action?: { label: string; run: () => void }
  /** Milliseconds until it goes; errors stay until they are closed. */
  lasts?: number
}

interface Toast extends ToastWish {
  id: number
}

const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }))

let last = 0
const SHOWN = 3

/** Says something in the corner, with at most one thing to do about it. Returns a function that takes it away. */
export function toast(wish: ToastWish): () => void {
  last += 1
  const id = last
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { ...wish, id }].slice(-SHOWN) }))
  const lasts = wish.lasts ?? (wish.tone === 'err' ? 0 : 6_000)
  if (lasts > 0) setTimeout(() => dismiss(id), lasts)
  return () => dismiss(id)
}

/** What somebody deleted, with eight seconds to take that back. */
export const toastUndo = (text: string, undo: () => void): (() => void) =>
  toast({ text, lasts: 8_000, action: { label: t('Undo'), run: undo } })

const dismiss = (id: number): void =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((other) => other.id !== id) }))

const ICONS = { info: Info, ok: CircleCheck, warn: TriangleAlert, err: CircleAlert }
const COLOURS = { info: 'text-info', ok: 'text-ok', warn: 'text-warn', err: 'text-err' }

/** Once in the frame: where toasts appear. */
export function Toasts() {
  const { toasts } = useToasts()
  return (
    <section
      aria-label={t('Notices')}
      className="pointer-events-none fixed end-4 bottom-4 z-70 flex w-[min(380px,calc(100vw-32px))] flex-col gap-2 max-sm:bottom-20"
    >
      {toasts.map((item) => {
        const tone = item.tone ?? 'info'
        const Icon = ICONS[tone]
        return (
          <div
            key={item.id}
            role={tone === 'err' ? 'alert' : 'status'}
            className="pointer-events-auto flex items-center gap-3 rounded-card border bg-overlay py-2 ps-3 pe-2 shadow-menu animate-[rise_180ms_var(--ease-out)]"
          >
            <Icon size={16} className={`shrink-0 ${COLOURS[tone]}`} aria-hidden="true" />
            <p className="min-w-0 flex-1 text-body break-words">{item.text}</p>
            {item.action ? (
              <Button
                small
                onClick={() => {
                  item.action?.run()
                  dismiss(item.id)
                }}
              >
                {item.action.label}
              </Button>
            ) : null}
            <IconButton label={t('Dismiss')} small onClick={() => dismiss(item.id)}>
              <X size={14} />
            </IconButton>
          </div>
        )
      })}
    </section>
  )
}
