import { useEffect, useMemo } from 'react'
import { openDocument, useDocuments } from '@/app/documents'
import { useIntents } from '@/app/intents'
import { DocumentError, readDocument } from '@/doc/read'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { toast } from '@/ui/toasts'
import { PHONE, useMedia } from '@/ui/use-media'
import { addFile, addNote } from './adding/intake-intents'
import { StartView } from './adding/start-view'
import { GraphEditor } from './graph-editor'
import { PhoneView } from './phone-view'
import { useComparison } from './state/comparison'
import { enter, NO_PATH, useGraph } from './state/graph-store'
import { keepDefinitions } from './state/known'
import { bodyAt, type Scope, ScopeContext } from './state/scope'
import { DefinitionsContext } from './state/values'

/** The open document as a graph; what to open, while there is none. */
export default function GraphScreen() {
  const { definitions } = useDefinitions()
  const active = useDocuments((state) => state.active)
  const isBlank = useDocuments((state) => {
    const workflow = state.open[state.active]?.workflow
    return !workflow || (workflow.nodes.length === 0 && (workflow.groups?.length ?? 0) === 0)
  })
  const isPhone = useMedia(PHONE)
  const wanted = useGraph((state) => state.paths[active] ?? NO_PATH)
  const isThere = useDocuments((state) => bodyAt(state.open[active]?.workflow, wanted) !== undefined)
  const path = isThere ? wanted : NO_PATH
  const scope = useMemo((): Scope => ({ document: active, path }), [active, path])
  useEffect(() => {
    if (definitions) keepDefinitions(definitions)
  }, [definitions])
  useEffect(() => {
    if (active && !isThere) enter(active, NO_PATH)
  }, [active, isThere])
  useIntents('graph', ({ name, data }) => {
    if (name === 'open-workflow') open(data, definitions ?? new Map())
    else if (name === 'compare-with') useComparison.setState(data)
    else if (name === 'add-file' || name === 'add-note') {
      const id = active || openDocument()
      const target = id === active ? scope : { document: id, path: NO_PATH }
      if (name === 'add-file') addFile(target, data.file, data.kind, data.at)
      else addNote(target, data.text, data.at)
    }
  })
  if (!definitions) return <Waiting />
  return (
    <DefinitionsContext.Provider value={definitions}>
      <ScopeContext.Provider value={scope}>
        <h1 className="sr-only">{t('Graph')}</h1>
        {active && isPhone && !isBlank ? (
          <PhoneView key={active} />
        ) : active && !(isBlank && path.length === 0) ? (
          <GraphEditor key={active} />
        ) : (
          <StartView />
        )}
      </ScopeContext.Provider>
    </DefinitionsContext.Provider>
  )
}

function open(data: Record<string, unknown>, definitions: Parameters<typeof readDocument>[1]): void {
  try {
    const { workflow } = readDocument(data.workflow, definitions)
    openDocument({ workflow, title: String(data.title || t('Workflow')), dirty: true })
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    toast({ text: error.message, tone: 'err' })
  }
}

/** Blocks where nodes will be, while the server is asked what nodes there are. */
const Waiting = () => (
  <div className="relative size-full animate-[appear_400ms_150ms_backwards]" aria-busy="true">
    {[
      [12, 22, 18, 14],
      [36, 18, 22, 20],
      [36, 48, 22, 18],
      [64, 26, 18, 30],
    ].map(([left, top, width, height]) => (
      <div
        key={`${left}${top}`}
        className="absolute rounded-card border bg-surface"
        style={{ left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` }}
      />
    ))}
  </div>
)
