import { FileUp } from 'lucide-react'
import { useRef } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { takeFiles } from './drop-zone'

/** A file of this machine that is sent to the server. */
export function AddFile({ onDone }: { onDone: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  const take = (files: FileList | null) => {
    if (!files?.length) return
    takeFiles([...files])
    onDone()
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping has the button in it beside it. */}
      <div
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          event.stopPropagation()
          take(event.dataTransfer.files)
        }}
        className="flex min-h-44 flex-col items-center justify-center gap-3 rounded-card border border-dashed border-line-strong p-6 text-center"
      >
        <FileUp size={32} strokeWidth={1.5} className="text-faint" aria-hidden="true" />
        <p className="text-body text-muted">{t('Drop model files here')}</p>
        <Button look="primary" onClick={() => input.current?.click()}>
          {t('Choose files')}
        </Button>
        <input
          ref={input}
          type="file"
          multiple
          accept=".safetensors,.sft,.gguf"
          className="sr-only"
          tabIndex={-1}
          aria-label={t('Model files')}
          onChange={(event) => take(event.target.files)}
        />
      </div>
      <p className="text-label text-faint">
        {t(
          'Taken: .safetensors and .gguf. Its header says what it is and where it goes. A .ckpt or .pt may be a pickle, and to open a pickle is to run what is in it; so these are refused.',
        )}
      </p>
    </>
  )
}
