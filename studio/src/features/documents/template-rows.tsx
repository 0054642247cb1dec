import { useMemo } from 'react'
import { openWritten } from '@/app/saving'
import { t } from '@/i18n/text'
import { readTemplate, type Template } from '@/net/templates'
import { EmptyState } from '@/ui/empty-state'
import { toast } from '@/ui/toasts'
import { matches, OpenRows } from './open-rows'

/** Example workflows that came with node packs and with the official page. */
export function TemplateRows({
  templates,
  text,
  onDone,
}: {
  templates: Template[]
  text: string
  onDone: () => void
}) {
  const rows = useMemo(
    () =>
      templates
        .filter((template) => matches(text, template.title, template.from, template.description))
        .map((template) => ({
          key: template.url,
          title: template.title,
          detail: [template.from, template.description].filter(Boolean).join(' · '),
          onOpen: () => {
            onDone()
            readTemplate(template)
              .then((written) => openWritten(written, template.title))
              .catch((error: Error) => toast({ text: error.message, tone: 'err' }))
          },
        })),
    [templates, text, onDone],
  )
  return <OpenRows label={t('Templates')} rows={rows} empty={<EmptyState title={t('Nothing found.')} />} />
}
