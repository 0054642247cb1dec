import { FileDown } from 'lucide-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { uploadModel } from './upload'

const TAKEN = /\.(safetensors|sft|gguf)$/i

/** Sends dropped model files; says beforehand what will happen. */
export function DropZone({ children }: { children: ReactNode }) {
  const [over, setOver] = useState(false)
  const depth = useRef(0)
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has a button beside it, "Add model".
    <div
      className="relative flex h-full min-h-0 flex-col"
      onDragEnter={(event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        depth.current += 1
        setOver(true)
      }}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        event.stopPropagation()
        event.dataTransfer.dropEffect = 'copy'
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1)
        if (depth.current === 0) setOver(false)
      }}
      onDrop={(event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        event.stopPropagation()
        depth.current = 0
        setOver(false)
        takeFiles([...event.dataTransfer.files])
      }}
    >
      {children}
      {over ? (
        <div className="pointer-events-none absolute inset-2 z-30 flex flex-col items-center justify-center gap-2 rounded-dialog border-2 border-accent border-dashed bg-bg/90 text-accent">
          <FileDown size={32} strokeWidth={1.5} aria-hidden="true" />
          <p className="text-section font-semibold">{t('Install the model')}</p>
          <p className="text-body text-muted">{t('Files that end in .safetensors or .gguf')}</p>
        </div>
      ) : null}
    </div>
  )
}

/** Sends the model files among some files, and says what is none. */
export function takeFiles(files: readonly File[]): void {
  const taken = files.filter((file) => TAKEN.test(file.name))
  for (const file of taken) void uploadModel(file)
  if (taken.length > 0) goTo('models', 'downloads')
  const others = files.filter((file) => !TAKEN.test(file.name))
  if (others.length > 0)
    toast({
      text: t('{{name}} is no model file that is taken: .safetensors and .gguf are.', {
        name: others[0]!.name,
      }),
      tone: 'warn',
    })
}
