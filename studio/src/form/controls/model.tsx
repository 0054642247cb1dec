import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { Button } from '@/ui/button'
import { Combobox } from '@/ui/combobox'
import { asText, type ControlProps } from '../control-props'

/** Names of the files in one of the model folders. */
export const useModelFiles = (folder: string): string[] => {
  const { data } = useQuery({
    queryKey: ['models', 'files', folder],
    queryFn: () => getJson<string[]>(`/models/${encodeURIComponent(folder)}`),
    enabled: folder !== '',
  })
  return data ?? []
}

/** A model's file, by its name and folder; a value that is not here can be looked for. */
export function ModelControl({ control, value, ...rest }: ControlProps) {
  const files = useModelFiles(control.folder ?? '')
  const known = control.choices?.length ? control.choices : files
  const chosen = asText(value)
  const missing = chosen !== '' && known.length > 0 && !known.includes(chosen)
  const choices = [
    ...(missing ? [{ value: chosen, label: shownFile(chosen), detail: t('Not installed') }] : []),
    ...known.map((file) => ({ value: file, label: shownFile(file), detail: folderOf(file) })),
  ]
  return (
    <Combobox
      {...rest}
      value={chosen}
      choices={choices}
      empty={t('No model of this kind is installed.')}
      footer={
        <Button
          look="quiet"
          icon={<Download size={14} aria-hidden="true" />}
          className="w-full !justify-start"
          onClick={() => (missing ? sendTo('models', 'add', { reference: chosen }) : goTo('models'))}
        >
          {missing ? t('Look for {{name}}', { name: shownFile(chosen) }) : t('Get models')}
        </Button>
      }
    />
  )
}

/** A file's name as people say it: without folder and ending. */
export const shownFile = (file: string): string =>
  (file.split('/').at(-1) ?? file).replace(/\.(safetensors|gguf|ckpt|pt|pth|bin|sft)$/i, '')

const folderOf = (file: string): string | undefined =>
  file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : undefined
