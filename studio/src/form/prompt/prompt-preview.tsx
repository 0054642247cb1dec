import { Dices } from 'lucide-react'
import { useState } from 'react'
import { randomSeed } from '@/doc/seeds'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Popover } from '@/ui/popover'
import { expandPrompt } from './prompt-server'

/** How a prompt with choices comes out: drawn by the server, as often as one likes. */
export function PromptPreview({ text }: { text: string }) {
  const [drawn, setDrawn] = useState<{ text: string; loras: string } | null>(null)
  const [problem, setProblem] = useState('')
  const draw = async () => {
    try {
      const said = await expandPrompt({ text, seed: randomSeed() })
      setDrawn({
        text: said.text,
        loras: said.loras.map((lora) => `${lora.name} ${lora.strength}`).join(', '),
      })
      setProblem('')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <span className="absolute end-1 top-1">
      <Popover
        label={t('How it comes out')}
        align="end"
        onOpenChange={(open) => open && void draw()}
        trigger={
          <button
            type="button"
            aria-label={t('See how the choices come out')}
            title={t('See how the choices come out')}
            className="flex size-6 items-center justify-center rounded-small text-faint hover:bg-hover hover:text-text pointer-coarse:size-9"
          >
            <Dices size={16} strokeWidth={1.5} aria-hidden="true" />
          </button>
        }
      >
        <div className="flex w-72 max-w-full flex-col gap-2">
          <p className="text-label font-medium text-muted">{t('One way it comes out')}</p>
          <p className="text-body break-words" aria-live="polite">
            {problem || drawn?.text || '…'}
          </p>
          {drawn?.loras ? (
            <p className="text-label text-muted">{t('LoRAs: {{names}}', { names: drawn.loras })}</p>
          ) : null}
          <Button small onClick={() => void draw()}>
            {t('Draw again')}
          </Button>
        </div>
      </Popover>
    </span>
  )
}
