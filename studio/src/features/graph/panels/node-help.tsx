import { X } from 'lucide-react'
import { useMemo } from 'react'
import { useDocuments } from '@/app/documents'
import { type InputDefinition, isWidget, type NodeDefinition } from '@/doc/definitions'
import { definitionOf } from '@/doc/subgraphs'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Markdown } from '../node/markdown'
import { PortDrawing } from '../node/port-drawing'
import { useGraph } from '../state/graph-store'
import { setPanels } from '../state/panels'
import { bodyAt, nodesById, useScope } from '../state/scope'
import { useKnown } from '../state/values'

/** What the server says of the selected node: what it does, takes and gives. */
export function NodeHelp() {
  const known = useKnown()
  const scope = useScope()
  const only = useGraph(({ selected, help }) => (selected.size === 1 ? [...selected][0]! : help))
  const workflow = useDocuments((state) => state.open[scope.document]?.workflow)
  const definition = useMemo(() => {
    const body = bodyAt(workflow, scope.path)
    const node = body && nodesById(body.nodes).get(only)
    return workflow && body && node ? definitionOf(workflow, node, known, body) : undefined
  }, [workflow, scope, only, known])
  return (
    <div className="flex min-h-full flex-col">
      <header className="sticky top-0 z-1 flex h-10 shrink-0 items-center gap-2 border-b bg-surface ps-4 pe-2">
        <h2 className="min-w-0 truncate text-body font-medium">{definition?.title ?? t('Help')}</h2>
        <span className="ms-auto">
          <IconButton label={t('Close help')} small onClick={() => setPanels({ help: false })}>
            <X size={14} />
          </IconButton>
        </span>
      </header>
      {definition ? (
        <Details definition={definition} />
      ) : (
        <p className="p-4 text-body text-muted">{t('Select a node to see what it does.')}</p>
      )}
    </div>
  )
}

function Details({ definition }: { definition: NodeDefinition }) {
  const inputs = definition.inputs.filter((input) => !input.hidden)
  return (
    <div className="flex flex-col gap-4 p-4 select-text">
      <PortDrawing definition={definition} />
      {definition.description ? (
        <div className="text-body text-muted">
          <Markdown text={definition.description.replaceAll('``', '`')} />
        </div>
      ) : null}
      {inputs.length > 0 ? (
        <dl className="flex flex-col gap-2">
          {inputs.map((input) => (
            <div key={input.name}>
              <dt className="flex items-baseline gap-2 text-label">
                <span className="font-medium">{input.name}</span>
                <span className="text-faint">{input.type}</span>
                {input.required ? null : <span className="text-faint">{t('optional')}</span>}
              </dt>
              <dd className="text-label text-muted">
                {[textOf(input.settings.tooltip), rangeOf(input)].filter(Boolean).join(' ')}
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      <p className="text-caption text-faint">
        {definition.category.replaceAll('/', ' › ')}
        <br />
        <span className="font-mono break-all">{definition.type}</span>
        {definition.pack ? ` · ${definition.pack}` : ''}
      </p>
    </div>
  )
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `1 to 100, usually 20`. */
function rangeOf(input: InputDefinition): string {
  if (!isWidget(input)) return ''
  const { min, max, default: usual } = input.settings
  const range =
    typeof min === 'number' && typeof max === 'number' ? t('{{min}} to {{max}}.', { min, max }) : ''
  const start =
    typeof usual === 'number' || (typeof usual === 'string' && usual !== '' && usual.length < 40)
      ? t('Begins as {{value}}.', { value: String(usual) })
      : ''
  return [range, start].filter(Boolean).join(' ')
}
