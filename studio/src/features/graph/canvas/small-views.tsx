import type { NodeProps } from '@xyflow/react'
import { Plus } from 'lucide-react'
import { memo } from 'react'
import type { SubgraphDefinition, SubgraphSlot } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { newPortMenu, portKey, portMenu } from '../editing/port-menus'
import { type PortSide, renamePort } from '../editing/subgraph-ports'
import { NameField } from '../node/name-field'
import type { FlowNode, NodeData } from '../state/elements'
import { rowOf } from '../state/elements'
import { showMenu, useGraph } from '../state/graph-store'
import { lookOf } from '../state/ports'
import { editBody, useNode, useScope } from '../state/scope'

/** A node that only leads a link around. */
export const RerouteView = memo(function RerouteView({ id, data }: NodeProps<FlowNode>) {
  const { shape } = data as NodeData
  const title = useNode(id, (node) => node.title ?? '')
  const isCurrent = useGraph((state) => state.current === id)
  const type = shape.outputs[0]?.type ?? '*'
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of a graph is no fieldset.
    <div
      className="graph-node !rounded-full"
      role="group"
      tabIndex={isCurrent ? 0 : -1}
      aria-label={t('Reroute, node {{id}}', { id })}
      data-node={id}
    >
      <span className="absolute inset-0 flex items-center justify-center truncate px-4 text-label text-muted">
        {title || (type === '*' ? '' : type)}
      </span>
      {[...shape.inputs, ...shape.outputs].map((port) => (
        <SmallPort key={port.side} node={id} side={port.side} slot={port.slot} type={port.type} y={port.y} />
      ))}
    </div>
  )
})

interface SmallPortProps {
  node: string
  side: 'in' | 'out'
  slot: number
  type: string
  y: number
  label?: string
}

const SmallPort = ({ node, side, slot, type, y, label = type }: SmallPortProps) => {
  const look = lookOf(type)
  return (
    <button
      type="button"
      tabIndex={-1}
      className="graph-port nodrag nopan"
      data-port={slot}
      data-owner={node}
      data-side={side}
      data-type={type}
      data-form={look.form}
      title={`${label} · ${type}`}
      aria-label={
        side === 'in'
          ? t('Input {{name}}, {{type}}', { name: label, type })
          : t('Output {{name}}, {{type}}', { name: label, type })
      }
      style={{ top: y, '--port': look.colour } as React.CSSProperties}
    />
  )
}

/** A point that a link is led through. */
export const PointView = memo(function PointView({ selected }: NodeProps<FlowNode>) {
  return (
    <span
      className={`absolute inset-0.5 rounded-full border-2 bg-bg ${selected ? 'border-accent' : 'border-line-strong'}`}
    />
  )
})

/** What a subgraph takes, or gives, seen from inside. */
export const BoundaryView = memo(function BoundaryView({ id, data }: NodeProps<FlowNode>) {
  const { side, slots } = data as { side: 'in' | 'out'; slots: SubgraphSlot[] }
  const scope = useScope()
  // From inside, the outputs of this node are what the subgraph takes.
  const ports: PortSide = side === 'out' ? 'inputs' : 'outputs'
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of a graph is no fieldset.
    <div
      className="graph-node border-dashed"
      role="group"
      tabIndex={-1}
      aria-label={side === 'out' ? t('Inputs of the subgraph') : t('Outputs of the subgraph')}
      data-node={id}
    >
      <header className="graph-head text-muted">
        <span className="graph-title">{side === 'out' ? t('Inputs') : t('Outputs')}</span>
        <button
          type="button"
          aria-label={side === 'out' ? t('Add an input') : t('Add an output')}
          title={side === 'out' ? t('Add an input') : t('Add an output')}
          className="nodrag nopan flex size-6 shrink-0 items-center justify-center rounded-small hover:bg-hover hover:text-text"
          onClick={(event) => showMenu(below(event.currentTarget), newPortMenu(scope, ports))}
        >
          <Plus size={14} aria-hidden="true" />
        </button>
      </header>
      {slots.map((slot, at) => (
        <BoundaryPort
          key={slot.id ?? slot.name}
          node={id}
          side={side}
          slot={slot}
          at={at}
          count={slots.length}
        />
      ))}
      {slots.length === 0 ? <p className="px-3 py-1 text-label text-faint">{t('None')}</p> : null}
    </div>
  )
})

interface BoundaryPortProps {
  node: string
  side: 'in' | 'out'
  slot: SubgraphSlot
  at: number
  count: number
}

/** One port of a subgraph: a click on its name offers what can be done with it. */
function BoundaryPort({ node, side, slot, at, count }: BoundaryPortProps) {
  const scope = useScope()
  const ports: PortSide = side === 'out' ? 'inputs' : 'outputs'
  const isRenaming = useGraph((state) => state.renaming === portKey(ports, at))
  const label = slot.label || slot.name
  return (
    <div>
      <SmallPort node={node} side={side} slot={at} type={slot.type} y={rowOf(at)} label={label} />
      {isRenaming ? (
        <NameField
          name={label}
          label={t('Name of the port')}
          className="absolute inset-x-4 -translate-y-1/2"
          style={{ top: rowOf(at) }}
          onEnd={(text) => {
            useGraph.setState({ renaming: null })
            if (!text || text === label) return
            editBody(scope, { label: t('Rename port') }, (body, workflow) =>
              renamePort(workflow, body as SubgraphDefinition, ports, at, text),
            )
          }}
        />
      ) : (
        <button
          type="button"
          tabIndex={-1}
          className="graph-label nodrag nopan rounded-small px-1 hover:bg-hover hover:text-text"
          style={{ top: rowOf(at), pointerEvents: 'auto' }}
          data-side={side}
          data-wide="true"
          aria-label={t('Menu of {{name}}', { name: label })}
          onClick={(event) => showMenu(below(event.currentTarget), portMenu(scope, ports, at, count))}
        >
          {label}
        </button>
      )}
    </div>
  )
}

const below = (element: Element): [number, number] => {
  const { left, bottom } = element.getBoundingClientRect()
  return [left, bottom + 4]
}
