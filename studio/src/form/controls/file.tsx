import { FileUp } from 'lucide-react'
import { useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { ApiError } from '@/net/api'
import { inputName, uploadInput } from '@/net/files'
import { Button } from '@/ui/button'
import { asText, type ControlProps } from '../control-props'

/** Any file: sound, video, a text. Its name in the input folder is the value. */
export function FileControl({ id, label, value, onChange, describedBy, disabled }: ControlProps) {
  const picker = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const take = async (file: File | undefined) => {
    if (!file) return
    setBusy(true)
    setProblem('')
    try {
      onChange(inputName(await uploadInput(file, file.name)))
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <div>
      <input
        ref={picker}
        type="file"
        className="sr-only"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => void take(event.target.files?.[0])}
      />
      <Button
        id={id}
        aria-describedby={describedBy}
        aria-label={`${label}: ${asText(value) || t('Choose a file')}`}
        icon={<FileUp size={16} aria-hidden="true" />}
        disabled={disabled || busy}
        onClick={() => picker.current?.click()}
        className="w-full !justify-start"
      >
        <span className="min-w-0 truncate">{busy ? t('Sending…') : asText(value) || t('Choose a file')}</span>
      </Button>
      {problem ? <p className="mt-1 text-label text-err">{problem}</p> : null}
    </div>
  )
}
