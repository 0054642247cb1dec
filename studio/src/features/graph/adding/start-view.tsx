import { useQuery } from '@tanstack/react-query'
import { FileJson, History, LayoutTemplate, Search } from 'lucide-react'
import { useState } from 'react'
import { edit, openDocument, useDocuments } from '@/app/documents'
import { type Draft, listDrafts } from '@/app/drafts'
import type { Definitions, NodeDefinition } from '@/doc/definitions'
import { addNode } from '@/doc/edit'
import { DocumentError, readDocument } from '@/doc/read'
import { shownAge, t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toasts'
import { useKnown } from '../state/values'
import { searchNodes } from './node-search'
import { openRecipe, useRecipeTemplates } from './recipe-templates'

/** While nothing is in the graph: what to begin with. */
export function StartView() {
  return (
    <div className="size-full overflow-auto">
      <div className="mx-auto flex max-w-3xl flex-col gap-8 px-6 py-12 max-sm:px-4 max-sm:py-6">
        <header>
          <h2 className="text-hero font-semibold">{t('Start a graph')}</h2>
          <p className="mt-1 text-field text-muted">
            {t('Drop a workflow or a picture that holds one anywhere here, or begin with a node.')}
          </p>
        </header>
        <FirstNode />
        <Templates />
        <Drafts />
      </div>
    </div>
  )
}

function FirstNode() {
  const known = useKnown()
  const [text, setText] = useState('')
  const found = text.trim() ? searchNodes(known, text, undefined, 8) : []
  return (
    <section>
      <div className="relative">
        <Search
          size={16}
          strokeWidth={1.5}
          className="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-faint"
          aria-hidden="true"
        />
        <Input
          value={text}
          onChange={setText}
          type="search"
          placeholder={t('Search nodes…')}
          aria-label={t('Search nodes')}
          className="!h-11 !ps-9"
          onKeyDown={(event) => {
            if (event.key === 'Enter' && found[0]) begin(found[0])
          }}
        />
      </div>
      {found.length > 0 ? (
        <ul className="mt-2 rounded-card border bg-surface p-1">
          {found.map((definition) => (
            <li key={definition.type}>
              <button
                type="button"
                onClick={() => begin(definition)}
                className="flex min-h-9 w-full items-center gap-3 rounded-control px-3 text-start hover:bg-hover pointer-coarse:min-h-11"
              >
                <span className="truncate text-body">{definition.title}</span>
                <span className="ms-auto truncate text-caption text-faint">
                  {definition.category.replaceAll('/', ' › ')}
                </span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  )
}

/** A first node, in the open document or in a new one. */
function begin(definition: NodeDefinition): void {
  const id = useDocuments.getState().active || openDocument()
  edit(id, { label: t('Add {{node}}', { node: definition.title }) }, (draft) => {
    addNode(draft, definition, [0, 0])
  })
}

/** Workflows to begin with: the server's recipes, then what node packs bring, by pack. */
function Templates() {
  const known = useKnown()
  const recipes = useRecipeTemplates()
  const { data } = useQuery({
    queryKey: ['workflow_templates'],
    queryFn: () => getJson<Record<string, string[]>>('/workflow_templates'),
    staleTime: 60_000,
  })
  const all = Object.entries(data ?? {}).flatMap(([pack, names]) => names.map((name) => ({ pack, name })))
  if (all.length === 0 && recipes.length === 0) return null
  return (
    <section>
      <Heading icon={<LayoutTemplate size={16} strokeWidth={1.5} />}>{t('Templates')}</Heading>
      <ul className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
        {recipes.map((recipe) => (
          <li key={recipe.task}>
            <Tile
              title={recipe.title}
              detail={recipe.model.title}
              onClick={() => void openRecipe(recipe, known)}
            />
          </li>
        ))}
        {all.slice(0, 40).map(({ pack, name }) => (
          <li key={`${pack}/${name}`}>
            <Tile title={name} detail={pack} onClick={() => void openTemplate(pack, name, known)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

async function openTemplate(pack: string, name: string, known: Definitions): Promise<void> {
  try {
    const path = `/api/workflow_templates/${encodeURIComponent(pack)}/${encodeURIComponent(name)}.json`
    const { workflow } = readDocument(await getJson<unknown>(path), known)
    openDocument({ workflow, title: name, dirty: true })
  } catch (error) {
    const reason = error instanceof DocumentError || error instanceof Error ? error.message : String(error)
    toast({ text: t('“{{name}}” was not opened: {{reason}}', { name, reason }), tone: 'err' })
  }
}

/** What was open before and is kept in this browser. */
function Drafts() {
  const open = useDocuments((state) => state.order.join())
  const { data } = useQuery({ queryKey: ['drafts', open], queryFn: listDrafts, staleTime: 0 })
  const drafts = (data ?? []).filter((draft) => draft.workflow.nodes.length > 0).slice(0, 8)
  if (drafts.length === 0) return null
  return (
    <section>
      <Heading icon={<History size={16} strokeWidth={1.5} />}>{t('Last workflows in this browser')}</Heading>
      <ul className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
        {drafts.map((draft) => (
          <li key={draft.id}>
            <Tile
              title={draft.title}
              detail={`${t('{{count}} nodes', { count: draft.workflow.nodes.length })} · ${shownAge(draft.touched)}`}
              onClick={() => reopen(draft)}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}

const reopen = (draft: Draft): void => {
  if (useDocuments.getState().open[draft.id]) useDocuments.setState({ active: draft.id })
  else openDocument(draft)
}

const Heading = ({ icon, children }: { icon: React.ReactNode; children: string }) => (
  <h3 className="mb-2 flex items-center gap-2 text-body font-medium text-muted">
    {icon}
    {children}
  </h3>
)

const Tile = ({ title, detail, onClick }: { title: string; detail: string; onClick: () => void }) => (
  <button
    type="button"
    onClick={onClick}
    className="flex w-full items-center gap-3 rounded-card border bg-surface px-4 py-3 text-start hover:border-line-strong hover:bg-hover"
  >
    <FileJson size={20} strokeWidth={1.5} className="shrink-0 text-faint" aria-hidden="true" />
    <span className="min-w-0">
      <span className="block truncate text-body font-medium">{title}</span>
      <span className="block truncate text-label text-faint">{detail}</span>
    </span>
  </button>
)
