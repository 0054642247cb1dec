import { useVirtualizer } from '@tanstack/react-virtual'
import { Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { classes } from '@/ui/classes'
import { ErrorNote } from '@/ui/error-note'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toasts'
import { useLog } from './server-data'

const LINE = 18

/** What the server and its worker logged last. */
export function LogView() {
  const { data, error } = useLog(true)
  const [text, setText] = useState('')
  const box = useRef<HTMLDivElement>(null)
  const lines = (data?.entries ?? []).flatMap((entry) => entry.m.split('\n').filter(Boolean))
  const shown = text ? lines.filter((line) => line.toLowerCase().includes(text.toLowerCase())) : lines
  const list = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 20,
  })
  const last = shown.length
  useEffect(() => {
    const element = box.current
    if (!element || last === 0) return
    // It follows the end as long as one is there.
    if (element.scrollHeight - element.scrollTop - element.clientHeight < 60 || element.scrollTop === 0)
      element.scrollTop = element.scrollHeight
  }, [last])
  return (
    <section aria-label={t('Log')}>
      <div className="mb-2 flex items-center gap-2">
        <h3 className="flex-1 text-label font-semibold text-muted">{t('Log')}</h3>
        <Input
          type="search"
          value={text}
          onChange={setText}
          aria-label={t('Search the log')}
          placeholder={t('Search the log')}
          className="!w-44"
        />
        <Button icon={<Copy size={14} aria-hidden="true" />} onClick={() => void copy(shown.join('\n'))}>
          {t('Copy')}
        </Button>
      </div>
      {error ? (
        <ErrorNote title={t('The log cannot be read.')}>{error.message}</ErrorNote>
      ) : (
        <div
          ref={box}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
          tabIndex={0}
          className="h-80 overflow-auto rounded-card border bg-surface p-3 font-mono text-caption"
        >
          <div className="relative" style={{ height: list.getTotalSize() }}>
            {list.getVirtualItems().map((row) => (
              <div
                key={row.index}
                className={classes(
                  'absolute top-0 whitespace-pre leading-[18px]',
                  /error|critical/i.test(shown[row.index]!) ? 'text-err' : 'text-muted',
                )}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {shown[row.index]}
              </div>
            ))}
          </div>
        </div>
      )}
    </section>
  )
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast({ text: t('Copied.'), tone: 'ok' })
  } catch {
    toast({ text: t('The browser did not allow copying.'), tone: 'warn' })
  }
}
