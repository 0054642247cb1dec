import { useState } from 'react'
import { useDocuments } from '@/app/documents'
import type { App } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import type { Form } from '@/doc/form'
import { t } from '@/i18n/text'
import { Segmented } from '@/ui/segmented'
import { type Language, programFor, valuesOf } from './api-code'
import { CopyButton } from './share-dialog'

/** The app as an address for programs, with the values that the form has now. */
export function ApiPanel({
  app,
  form,
  document,
  definitions,
}: {
  app: App
  form: Form
  document: string
  definitions: Definitions
}) {
  const [language, setLanguage] = useState<Language>('curl')
  const workflow = useDocuments((state) => state.open[document]!.workflow)
  const address = `${location.origin}/apps/${app.name}/run`
  const program = programFor(language, address, valuesOf(workflow, definitions, form, app.inputs))
  return (
    <div className="min-h-0 flex-1 overflow-auto p-6 max-sm:p-4">
      <div className="mx-auto flex max-w-3xl flex-col gap-4">
        <p className="text-body text-muted">
          {t(
            'Every app is an address that programs call. This runs it with the values that the form has now.',
          )}
        </p>
        <div className="flex items-center justify-between gap-2">
          <Segmented
            label={t('Language')}
            value={language}
            onChange={setLanguage}
            className="w-80"
            segments={[
              { value: 'curl', label: 'curl' },
              { value: 'python', label: 'Python' },
              { value: 'javascript', label: 'JavaScript' },
            ]}
          />
          <CopyButton text={program} label={t('Copy the program')} />
        </div>
        <section
          aria-label={t('Program')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard.
          tabIndex={0}
          className="overflow-auto rounded-card border bg-bg p-4"
        >
          <pre className="font-mono text-label leading-5">{program}</pre>
        </section>
        <InputTable app={app} />
        <p className="text-body">
          <a
            href={`/apps/${app.name}/openapi.json`}
            target="_blank"
            rel="noreferrer"
            className="text-accent underline"
          >
            {t('OpenAPI document')}
          </a>
        </p>
      </div>
    </div>
  )
}

const InputTable = ({ app }: { app: App }) => (
  <div className="overflow-x-auto rounded-card border">
    <table className="w-full text-start text-body">
      <thead className="border-b text-label text-muted">
        <tr>
          <th className="px-3 py-2 text-start font-medium">{t('Input')}</th>
          <th className="px-3 py-2 text-start font-medium">{t('Takes')}</th>
          <th className="px-3 py-2 text-start font-medium">{t('What it is')}</th>
        </tr>
      </thead>
      <tbody>
        {app.inputs.map((input) => (
          <tr key={input.name} className="border-b last:border-0">
            <td className="px-3 py-2 font-mono text-label">{input.name}</td>
            <td className="px-3 py-2 whitespace-nowrap text-muted">
              {input.min !== undefined && input.max !== undefined && input.max < 1e9
                ? t('{{type}}, {{min}} to {{max}}', { type: input.type, min: input.min, max: input.max })
                : input.type}
            </td>
            <td className="px-3 py-2 text-muted">{input.description ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
