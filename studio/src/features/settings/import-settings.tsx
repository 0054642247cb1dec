import { FileInput } from 'lucide-react'
import { useRef } from 'react'
import { prefer } from '@/app/preferences'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { toast } from '@/ui/toasts'
import { readComfySettings } from './comfy-settings'
import { SettingRow } from './setting-row'

/** Takes over what maps from the settings file of ComfyUI. */
export function ImportSettings() {
  const input = useRef<HTMLInputElement>(null)
  const take = async (file: File | undefined) => {
    if (!file) return
    try {
      const found = readComfySettings(JSON.parse(await file.text()))
      prefer(found)
      const count = Object.keys(found).length + Object.keys(found.keys ?? {}).length - (found.keys ? 1 : 0)
      toast({
        text:
          count > 0
            ? t('{{count}} settings were taken over.', { count })
            : t('Nothing in this file maps to a setting here.'),
        tone: count > 0 ? 'ok' : 'info',
      })
    } catch {
      toast({ text: t('{{name}} is no settings file.', { name: file.name }), tone: 'err' })
    }
  }
  return (
    <div className="mt-4 rounded-card border bg-surface px-4">
      <SettingRow
        label={t('Settings of ComfyUI')}
        help={t('Theme, language and keys from its file comfy.settings.json, as far as they map.')}
      >
        {() => (
          <>
            <input
              ref={input}
              type="file"
              accept=".json"
              className="sr-only"
              tabIndex={-1}
              aria-label={t('Settings file')}
              onChange={(event) => void take(event.target.files?.[0])}
            />
            <Button icon={<FileInput size={16} aria-hidden="true" />} onClick={() => input.current?.click()}>
              {t('Import…')}
            </Button>
          </>
        )}
      </SettingRow>
    </div>
  )
}
