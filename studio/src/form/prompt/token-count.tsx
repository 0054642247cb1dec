import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { shownNumber, t } from '@/i18n/text'
import { postJson } from '@/net/api'
import { needsExpanding } from './prompt-grammar'

const PAUSE = 400

/** How many tokens a prompt has, of those that are read at once. Nothing where that can only be guessed. */
export default function TokenCount({ text, atOnce }: { text: string; atOnce: number }) {
  const settled = useSettled(text)
  // What is drawn from choices has another length each time.
  const enabled = atOnce > 0 && settled.trim() !== '' && !needsExpanding(settled)
  const { data } = useQuery({
    queryKey: ['tokens', settled],
    queryFn: ({ signal }) =>
      postJson<{ tokens: number | null }>('/limner/prompts/tokens', { text: settled }, { signal }),
    enabled,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  })
  const tokens = enabled ? data?.tokens : undefined
  if (tokens === undefined || tokens === null) return null
  const most = Math.max(1, Math.ceil(tokens / atOnce)) * atOnce
  const figures = { tokens: shownNumber(tokens), most: shownNumber(most) }
  return (
    <span
      className="text-label text-faint tabular"
      title={t(
        '{{tokens}} of {{most}} tokens. The model reads {{atOnce}} at once; longer prompts are read in parts.',
        {
          ...figures,
          atOnce: shownNumber(atOnce),
        },
      )}
    >
      <span aria-hidden="true">{t('{{tokens}}/{{most}}', figures)}</span>
      <span className="sr-only">{t('{{tokens}} of {{most}} tokens', figures)}</span>
    </span>
  )
}

/** A text once nobody has changed it for a moment. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => settle(text), PAUSE)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
