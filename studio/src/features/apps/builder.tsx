import { ArrowLeft, Check, Monitor, Smartphone, TriangleAlert } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useDocuments } from '@/app/documents'
import { goTo } from '@/app/navigation'
import { useApp } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { Badge } from '@/ui/badge'
import { Button, IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { Panel } from '@/ui/panel'
import { Segmented } from '@/ui/segmented'
import { useMedia } from '@/ui/use-media'
import { AppPreview } from './app-preview'
import { useBuilding } from './builder-state'
import { checkForm } from './checks'
import { ElementSettings } from './element-settings'
import { FormList } from './form-list'
import { useAppDocument } from './open-app-document'
import { Outline } from './outline'
import { PublishDialog } from './publish-dialog'

/** Where an app is made: the values of the workflow with ticks, the form in order, settings of what is chosen. */
export function Builder({ document }: { document: string }) {
  const { definitions } = useDefinitions()
  const name = document.startsWith('app:') ? document.slice(4) : ''
  const { data: app } = useApp(name)
  useAppDocument(app, definitions)
  const isOpen = useDocuments((state) => document in state.open)
  if (!isOpen || !definitions)
    return name || (isOpen && !definitions) ? null : (
      <EmptyState
        title={t('Which workflow should become an app?')}
        actions={
          <>
            <Button look="primary" onClick={() => goTo('graph')}>
              {t('Open one in Graph')}
            </Button>
            <Button onClick={() => goTo('apps')}>{t('All apps')}</Button>
          </>
        }
      >
        {t('Open or draw a workflow first; the app is made of what is open.')}
      </EmptyState>
    )
  return <Workshop document={document} definitions={definitions} name={name} />
}

type View = 'edit' | 'desktop' | 'phone'
type Part = 'values' | 'form' | 'settings'

function Workshop({
  document,
  definitions,
  name,
}: {
  document: string
  definitions: Definitions
  name: string
}) {
  const workflow = useDocuments((state) => state.open[document]!.workflow)
  const title = useDocuments((state) => state.open[document]!.title)
  const building = useBuilding(document, workflow, definitions)
  const { form } = building
  const findings = useMemo(() => checkForm(workflow, definitions, form), [workflow, definitions, form])
  const [view, setView] = useState<View>('edit')
  const [chosen, choose] = useState('')
  const [part, setPart] = useState<Part>('form')
  const [publishing, setPublishing] = useState(false)
  const isNarrow = useMedia('(max-width: 1023px)')
  const settings = <ElementSettings building={building} chosen={chosen} findings={findings} />
  const list = <FormList building={building} chosen={chosen} onChoose={choose} findings={findings} />
  return (
    <div className="flex h-full flex-col">
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b bg-surface px-4 py-2">
        <IconButton label={t('Back')} onClick={() => goTo('apps', name)}>
          <ArrowLeft size={18} strokeWidth={1.5} className="rtl:-scale-x-100" />
        </IconButton>
        <h1 className="min-w-0 truncate text-section font-semibold">{t('App from {{title}}', { title })}</h1>
        {form.suggested ? <Badge tone="info">{t('Suggested')}</Badge> : null}
        <span className="flex-1" />
        <Segmented
          label={t('View')}
          value={view}
          onChange={setView}
          className="w-80 max-sm:w-full"
          segments={[
            { value: 'edit', label: t('Edit') },
            { value: 'desktop', label: t('Preview'), icon: <Monitor size={14} aria-hidden="true" /> },
            { value: 'phone', label: t('Phone'), icon: <Smartphone size={14} aria-hidden="true" /> },
          ]}
        />
        <Findings
          count={findings.length}
          onShow={() => choose(findings.find(({ field }) => field)?.field ?? '')}
        />
        <Button look="primary" onClick={() => setPublishing(true)}>
          {t('Publish')}
        </Button>
      </header>
      {view !== 'edit' ? (
        <AppPreview building={building} phone={view === 'phone'} />
      ) : isNarrow ? (
        <Narrow
          part={part}
          onPart={setPart}
          values={<Outline building={building} onAdded={choose} />}
          form={list}
          settings={settings}
        />
      ) : (
        <div className="flex min-h-0 flex-1">
          <Panel
            name="apps.outline"
            side="left"
            size={340}
            min={260}
            max={560}
            label={t('Values of the workflow')}
          >
            <Outline building={building} onAdded={choose} />
          </Panel>
          <section aria-label={t('Form')} className="min-w-0 flex-1 overflow-auto bg-bg p-6">
            <div className="mx-auto max-w-xl">{list}</div>
          </section>
          <Panel
            name="apps.settings"
            side="right"
            size={340}
            min={280}
            max={520}
            label={t('Settings of what is chosen')}
          >
            {settings}
          </Panel>
        </div>
      )}
      <PublishDialog
        open={publishing}
        onClose={() => setPublishing(false)}
        building={building}
        title={title}
        name={name}
        findings={findings}
      />
    </div>
  )
}

const Findings = ({ count, onShow }: { count: number; onShow: () => void }) =>
  count === 0 ? (
    <span className="flex items-center gap-1 text-label text-ok max-sm:hidden">
      <Check size={14} aria-hidden="true" />
      {t('All checks pass')}
    </span>
  ) : (
    <Button
      look="quiet"
      icon={<TriangleAlert size={14} className="text-warn" aria-hidden="true" />}
      onClick={onShow}
    >
      {t('{{count}} things to look at', { count })}
    </Button>
  )

interface NarrowProps {
  part: Part
  onPart: (part: Part) => void
  values: React.ReactNode
  form: React.ReactNode
  settings: React.ReactNode
}

/** On a small screen one of the three parts at a time. */
const Narrow = ({ part, onPart, values, form, settings }: NarrowProps) => (
  <div className="flex min-h-0 flex-1 flex-col">
    <div className="flex justify-center border-b p-2">
      <Segmented
        label={t('Part')}
        value={part}
        onChange={onPart}
        className="w-full max-w-96"
        segments={[
          { value: 'values', label: t('Values') },
          { value: 'form', label: t('Form') },
          { value: 'settings', label: t('Settings') },
        ]}
      />
    </div>
    <div className="min-h-0 flex-1 overflow-auto">
      {part === 'values' ? values : part === 'form' ? <div className="p-4">{form}</div> : settings}
    </div>
  </div>
)
