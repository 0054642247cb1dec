import { useState } from 'react'
import { useDocuments } from '@/app/documents'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { fileOfInput, fileUrl } from '@/net/files'
import { Zoomable } from '@/ui/zoomable'
import { roleValue } from './recipe-document'
import { useDecoded } from './use-decoded'
import type { Result } from './use-results'

export interface CompareViewProps {
  document: string
  result: Result
  results: Result[]
}

/** A result against what it was made of, or against the one before it: a line that is moved between the two. */
export function CompareView({ document, result, results }: CompareViewProps) {
  const [share, setShare] = useState(50)
  const { definitions } = useDefinitions()
  const workflow = useDocuments((state) => state.open[document]?.workflow)
  const input = workflow && definitions ? String(roleValue(workflow, definitions, 'image.init') ?? '') : ''
  const earlier = results[results.findIndex((one) => one.key === result.key) + 1]
  const before = input ? fileUrl(fileOfInput(input)) : earlier ? fileUrl(earlier.file) : ''
  const now = useDecoded(fileUrl(result.file))
  if (!now) return <div className="flex-1" />
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <Zoomable
        src={now.src}
        alt={t('Before and after')}
        width={now.width}
        height={now.height}
        className="min-h-0 flex-1"
      >
        <img src={now.src} alt={t('After')} className="absolute inset-0 size-full" draggable={false} />
        {before ? (
          <img
            src={before}
            alt={t('Before')}
            draggable={false}
            className="absolute inset-0 size-full object-cover"
            style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
          />
        ) : null}
        <span
          aria-hidden="true"
          className="absolute inset-y-0 w-px bg-white mix-blend-difference"
          style={{ left: `${share}%` }}
        />
      </Zoomable>
      <div className="flex h-10 shrink-0 items-center justify-center gap-3 px-4 text-label text-muted">
        {before ? (
          <>
            <span>{input ? t('Input') : t('Picture before it')}</span>
            <input
              type="range"
              min={0}
              max={100}
              value={share}
              aria-label={t('Where before ends and after begins')}
              onChange={(event) => setShare(Number(event.target.value))}
              className="w-80 max-w-[50%] accent-(--accent-fill)"
            />
            <span>{t('This one')}</span>
          </>
        ) : (
          <span>{t('There is nothing to compare it with yet.')}</span>
        )}
      </div>
    </div>
  )
}
