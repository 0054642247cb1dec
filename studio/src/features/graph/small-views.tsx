import type { NodeProps } from '@xyflow/react'
import { memo } from 'react'
import type { SubgraphSlot } from '@/doc/workflow'
import { t } from '@/i18n/text'
import type { FlowNode, NodeData } from './elements'
import { rowOf } from './elements'
import { useGraph } from './graph-store'
import { lookOf } from './ports'
import { useNode } from './scope'

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
      </header>
      {slots.map((slot, at) => (
        <div key={slot.id}>
          <SmallPort
            node={id}
            side={side}
            slot={at}
            type={slot.type}
            y={rowOf(at)}
            label={slot.label || slot.name}
          />
          <span className="graph-label" data-side={side} data-wide="true" style={{ top: rowOf(at) }}>
            {slot.label || slot.name}
          </span>
        </div>
      ))}
      {slots.length === 0 ? <p className="px-3 py-1 text-label text-faint">{t('None')}</p> : null}
    </div>
  )
})
