import { Ellipsis, ImagePlus, Images } from 'lucide-react'
import { type ClipboardEvent, type DragEvent, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { ApiError } from '@/net/api'
import { fileOfInput, fileUrl, inputName, uploadInput } from '@/net/files'
import { Button, IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Menu, type MenuEntry } from '@/ui/menu'
import { asText, type ControlProps } from '../control-props'
import { usePictureTools } from '../picture-tools'

/** Takes a picture in: dropped, pasted, from a file or from results; shows it, and what can be done with it. */
export function ImageControl(props: ControlProps) {
  const { id, label, value, onChange, describedBy, invalid, disabled } = props
  const name = asText(value)
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const { take, busy, problem } = useUpload(onChange)
  const tools = usePictureTools({ value: name, onChange, mask: props.control.type === 'mask' })
  const drop = (event: DragEvent) => {
    setOver(false)
    const file = [...event.dataTransfer.files].find((one) => one.type.startsWith('image/'))
    if (!file || disabled) return
    event.preventDefault()
    event.stopPropagation()
    void take(file)
  }
  const paste = (event: ClipboardEvent) => {
    const file = [...event.clipboardData.files].find((one) => one.type.startsWith('image/'))
    if (!file || disabled) return
    event.preventDefault()
    event.stopPropagation()
    void take(file)
  }
  const entries: MenuEntry[] = [
    { label: t('From a file…'), onSelect: () => picker.current?.click() },
    ...tools.entries,
    'line',
    { label: t('Remove'), danger: true, onSelect: () => onChange('') },
  ]
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped or pasted can be chosen with the button inside, too.
    <div
      onDrop={drop}
      onPaste={paste}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        event.stopPropagation()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      className={classes(
        'rounded-card border',
        over ? 'border-accent bg-accent-soft' : 'border-line',
        invalid && 'border-err',
      )}
    >
      <input
        ref={picker}
        type="file"
        accept="image/*"
        className="sr-only"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          void take(event.target.files?.[0])
          event.target.value = ''
        }}
      />
      {name ? (
        <div className="flex items-center gap-3 p-2">
          <img
            src={fileUrl(fileOfInput(name))}
            alt={t('{{label}}: {{name}}', { label, name })}
            className="checker size-16 shrink-0 rounded-control object-contain"
          />
          <span className="min-w-0 flex-1 truncate text-label text-muted" title={name}>
            {over ? t('Drop to replace it') : fileOfInput(name).filename}
          </span>
          {props.control.type === 'mask' ? (
            <Button small onClick={tools.openMask} disabled={disabled}>
              {t('Paint a mask')}
            </Button>
          ) : null}
          <Menu
            align="end"
            entries={entries}
            trigger={
              <IconButton id={id} label={t('{{label}}: what to do', { label })} disabled={disabled}>
                <Ellipsis size={16} />
              </IconButton>
            }
          />
        </div>
      ) : (
        <div className="flex flex-wrap items-center gap-1 p-1">
          <Button
            id={id}
            look="quiet"
            aria-describedby={describedBy}
            icon={<ImagePlus size={16} aria-hidden="true" />}
            disabled={disabled || busy}
            onClick={() => picker.current?.click()}
            className="min-w-0 flex-1 !justify-start"
          >
            <span className="min-w-0 truncate">
              {busy ? t('Sending…') : over ? t('Drop it here') : t('Drop, paste or choose a picture')}
            </span>
          </Button>
          <IconButton label={t('From results')} onClick={tools.openResults} disabled={disabled}>
            <Images size={16} />
          </IconButton>
        </div>
      )}
      {problem ? <p className="px-2 pb-2 text-label text-err">{problem}</p> : null}
      {tools.dialogs}
    </div>
  )
}

function useUpload(onChange: (value: unknown) => void) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
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
  return { take, busy, problem }
}
