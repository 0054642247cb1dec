import { Command } from 'cmdk'
import { useMemo, useState } from 'react'
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import { Dialog } from '@/ui/dialog'
import { suitsPort } from '../canvas/connecting'
import { currentFlow, flowElement, focusNode } from '../canvas/flow-instance'
import { openAdding } from '../canvas/flow-menus'
import type { NodeData } from '../state/elements'
import type { Port } from '../state/geometry'
import { type PortRef, useGraph } from '../state/graph-store'
import { linkInto } from '../state/links'
import { bodyOf, nodeOf, type Scope, useScope } from '../state/scope'
import { cutPort, link } from './actions'

interface Choice {
  ref: PortRef
  title: string
  label: string
  linked: boolean
}

/** Connecting by keyboard: first a port of the node, then what it is to be connected to. */
export function ConnectDialog() {
  const node = useGraph((state) => state.choosing)
  const scope = useScope()
  if (!node) return null
  return <OpenConnect key={node} scope={scope} node={node} />
}

function OpenConnect({ scope, node }: { scope: Scope; node: string }) {
  const [from, setFrom] = useState<Choice | null>(null)
  const close = () => {
    useGraph.setState({ choosing: null })
    requestAnimationFrame(() => focusNode(node))
  }
  const ports = useMemo(() => choicesOf(scope, node), [scope, node])
  const targets = useMemo(() => (from ? targetsOf(scope, from.ref) : []), [scope, from])
  const title = from
    ? t('Connect {{port}} of {{node}} to', { port: from.label, node: from.title })
    : t('Connect which port?')
  const choose = (choice: Choice) => {
    if (!from) return setFrom(choice)
    link(scope, from.ref, choice.ref)
    announce(
      t('Connected {{one}} to {{other}}', { one: from.label, other: `${choice.title}, ${choice.label}` }),
    )
    close()
  }
  return (
    <Dialog open title={title} onClose={close}>
      <Command key={from ? 'to' : 'from'} loop label={title} className="-mx-2 flex min-h-0 flex-col">
        <Command.Input
          autoFocus
          placeholder={from ? t('Search nodes and ports…') : t('Search ports…')}
          className="h-control w-full border-b bg-transparent px-3 text-field outline-none"
        />
        <Command.List className="max-h-80 overflow-auto p-1">
          <Command.Empty className="px-3 py-6 text-center text-body text-muted">
            {from ? t('Nothing here fits {{type}}.', { type: from.ref.type }) : t('This node has no ports.')}
          </Command.Empty>
          {(from ? targets : ports).map((choice) => (
            <Command.Item
              key={keyOf(choice)}
              value={`${choice.title} ${choice.label} ${keyOf(choice)}`}
              onSelect={() => choose(choice)}
              className="flex min-h-9 items-center gap-2 rounded-control px-2 data-[selected=true]:bg-hover"
            >
              <span className="min-w-0 flex-1 truncate text-body">
                {from
                  ? `${choice.title} · `
                  : choice.ref.side === 'in'
                    ? `${t('Input')} · `
                    : `${t('Output')} · `}
                {choice.label}
              </span>
              {choice.linked ? <span className="text-caption text-faint">{t('connected')}</span> : null}
              <span className="text-caption text-faint">{choice.ref.type}</span>
            </Command.Item>
          ))}
          {from ? <More scope={scope} from={from} close={close} /> : null}
        </Command.List>
      </Command>
    </Dialog>
  )
}

function More({ scope, from, close }: { scope: Scope; from: Choice; close: () => void }) {
  return (
    <>
      <Command.Item
        value={`add new node ${t('Add a node that fits…')}`}
        onSelect={() => {
          useGraph.setState({ choosing: null })
          const box = flowElement()?.getBoundingClientRect()
          if (box) openAdding([box.x + box.width / 2 - 260, box.y + 80], from.ref)
        }}
        className="flex min-h-9 items-center rounded-control px-2 text-accent data-[selected=true]:bg-hover"
      >
        {t('Add a node that fits…')}
      </Command.Item>
      {from.linked ? (
        <Command.Item
          value={`disconnect cut ${t('Disconnect')}`}
          onSelect={() => {
            cutPort(scope, from.ref)
            close()
          }}
          className="flex min-h-9 items-center rounded-control px-2 text-err data-[selected=true]:bg-hover"
        >
          {t('Disconnect')}
        </Command.Item>
      ) : null}
    </>
  )
}

const keyOf = ({ ref }: Choice): string => `${ref.node}/${ref.side}/${ref.slot}/${ref.widget ?? ''}`

/** The ports of a node. */
function choicesOf(scope: Scope, id: string): Choice[] {
  const data = currentFlow()?.getNode(id)?.data as NodeData | undefined
  const node = nodeOf(scope, id)
  if (!data?.shape || !node) return []
  const title = node.title || data.definition?.title || node.type
  return [...data.shape.outputs, ...data.shape.inputs].map((port) => choiceOf(id, title, port))
}

const choiceOf = (id: string, title: string, port: Port): Choice => ({
  ref: {
    node: id,
    side: port.side,
    slot: port.slot,
    type: port.type,
    ...(port.widget ? { widget: port.widget } : {}),
  },
  title,
  label: port.label || port.type,
  linked: port.linked,
})

/** What a port can be connected to: the free ones first. */
function targetsOf(scope: Scope, from: PortRef): Choice[] {
  const body = bodyOf(scope)
  if (!body) return []
  const taken = (choice: Choice) =>
    choice.ref.side === 'in' && choice.ref.slot >= 0 && linkInto(body, choice.ref.node, choice.ref.slot)
      ? 1
      : 0
  return body.nodes
    .flatMap((node) => choicesOf(scope, String(node.id)))
    .filter((choice) => suitsPort(from, choice.ref))
    .sort(
      (one, other) =>
        taken(one) - taken(other) || Number(Boolean(one.ref.widget)) - Number(Boolean(other.ref.widget)),
    )
}
