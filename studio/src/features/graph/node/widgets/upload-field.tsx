import { Upload } from 'lucide-react'
import { useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { inputName, uploadInput } from '@/net/files'
import { toast } from '@/ui/toasts'
import type { WidgetFieldProps } from '../widget-row'
import { ChoiceField } from './choice-field'

const ACCEPTS: [string, string][] = [
  ['image_upload', 'image/*'],
  ['animated_image_upload', 'image/*'],
  ['video_upload', 'video/*'],
  ['audio_upload', 'audio/*'],
]

/** A file of the server's input folder, or a new one from here. */
export function UploadField(props: WidgetFieldProps) {
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const { settings } = props.box.input
  const accept = ACCEPTS.find(([name]) => settings[name])?.[1]
  const send = async (file: File | undefined) => {
    if (!file) return
    setBusy(true)
    try {
      props.write(inputName(await uploadInput(file, file.name)))
    } catch (error) {
      toast({
        text: t('{{name}} was not sent: {{reason}}', { name: file.name, reason: String(error) }),
        tone: 'err',
      })
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="flex items-center gap-1">
      <div className="min-w-0 flex-1">
        <ChoiceField {...props} />
      </div>
      <button
        type="button"
        disabled={busy}
        aria-label={t('Choose a file for {{name}}', { name: props.name })}
        title={t('Choose a file')}
        onClick={() => input.current?.click()}
        className="flex size-6.5 shrink-0 items-center justify-center rounded-control border text-muted hover:border-line-strong hover:text-text disabled:opacity-45"
      >
        <Upload size={13} aria-hidden="true" />
      </button>
      <input
        ref={input}
        type="file"
        accept={accept}
        tabIndex={-1}
        aria-hidden="true"
        className="hidden"
        onChange={(event) => {
          void send(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </div>
  )
}
