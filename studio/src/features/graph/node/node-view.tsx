import type { NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { t } from '@/i18n/text'
import { useDetail } from '../canvas/detail'
import { ResizeCorner } from '../canvas/resize-corner'
import { resize } from '../editing/actions'
import { useNodeRefusals, useNodeRun } from '../running/node-run'
import { useDifference } from '../state/comparison'
import type { FlowNode, NodeData } from '../state/elements'
import type { Port, Shape } from '../state/geometry'
import { useGraph } from '../state/graph-store'
import { lookOf } from '../state/ports'
import { useScope } from '../state/scope'
import { bodyTint, headTint } from '../state/tints'
import { NodeHead } from './node-head'
import { NodeMedia } from './node-media'
import { NodeMessage } from './node-message'
import { WidgetRow } from './widget-row'

/** A node. Its shape comes from the document; from far away only title, ports and picture are drawn. */
export const NodeView = memo(function NodeView({ id, data, selected }: NodeProps<FlowNode>) {
  const { shape, definition, missing, mode, colour, ground } = data as NodeData
  const detail = useDetail()
  const far = detail !== 'near'
  const scope = useScope()
  const run = useNodeRun(id)
  const problems = useNodeRefusals(id)
  const difference = useDifference(id)
  const label = nodeLabel(id, data as NodeData, run.state, problems.length, difference)
  const isCurrent = useGraph((state) => state.current === id)
  const style = {
    ...(colour ? { '--tint': headTint(colour) } : {}),
    ...(ground ? { '--body': bodyTint(ground) } : {}),
  } as React.CSSProperties
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of a graph is no fieldset.
    <div
      className={LOOKS[detail]}
      role="group"
      tabIndex={isCurrent ? 0 : -1}
      aria-label={label}
      data-node={id}
      data-mode={mode}
      data-state={run.state}
      data-problem={problems.length > 0}
      data-missing={missing}
      data-collapsed={shape.collapsed}
      data-difference={difference || undefined}
      style={style}
    >
      <NodeHead id={id} data={data as NodeData} detail={detail} run={run} />
      {detail === 'farthest' ? (
        <Dots shape={shape} />
      ) : (
        <>
          <Ports
            id={id}
            ports={shape.inputs}
            far={far || shape.collapsed}
            alone={shape.outputs.length === 0}
          />
          <Ports
            id={id}
            ports={shape.outputs}
            far={far || shape.collapsed}
            alone={shape.inputs.length === 0}
          />
        </>
      )}
      {far || shape.collapsed
        ? null
        : shape.widgets.map((box) => <WidgetRow key={box.name} id={id} box={box} definition={definition} />)}
      {shape.media && !shape.collapsed ? (
        <NodeMedia id={id} data={data as NodeData} box={shape.media} />
      ) : null}
      {far || shape.collapsed ? null : <NodeMessage id={id} />}
      {selected && !far && !shape.collapsed ? (
        <ResizeCorner size={[shape.width, shape.height]} onResize={(size) => resize(scope, id, size)} />
      ) : null}
    </div>
  )
})

const LOOKS = {
  near: 'graph-node',
  far: 'graph-node graph-far',
  farthest: 'graph-node graph-far graph-farthest',
}

/** Ports from farthest away: painted, all in one. */
const Dots = memo(function Dots({ shape }: { shape: Shape }) {
  const dots = [...shape.inputs, ...shape.outputs]
    .filter((port) => !port.widget || port.linked)
    .map((port) => {
      const x = port.side === 'in' ? '8px' : 'calc(100% - 8px)'
      return `radial-gradient(circle at ${x} ${port.y}px, ${lookOf(port.type).colour} 7px, transparent 8px)`
    })
  return dots.length > 0 ? <i className="graph-dots" style={{ backgroundImage: dots.join(',') }} /> : null
})

/** "KSampler, node 3, running, 2 problems". */
function nodeLabel(
  id: string,
  { title, mode }: NodeData,
  state: string,
  problems: number,
  difference: string,
): string {
  return [
    title,
    t('node {{id}}', { id }),
    mode === 'bypassed' ? t('bypassed') : mode === 'muted' ? t('muted') : '',
    state ? stateWord(state) : '',
    difference === 'added' ? t('Added') : difference === 'changed' ? t('Changed') : '',
    problems > 0 ? t('{{count}} problems', { count: problems }) : '',
  ]
    .filter(Boolean)
    .join(', ')
}

export function stateWord(state: string): string {
  const words: Record<string, string> = {
    waiting: t('waiting'),
    running: t('running'),
    done: t('done'),
    cached: t('cached'),
    failed: t('failed'),
  }
  return words[state] ?? state
}

const Ports = memo(function Ports({
  id,
  ports,
  far,
  alone,
}: {
  id: string
  ports: Port[]
  far: boolean
  alone: boolean
}) {
  return ports.map((port) => {
    if (far && port.widget && !port.linked) return null
    const look = lookOf(port.type)
    return (
      <PortButton
        key={`${port.side}${port.slot}${port.widget ?? ''}`}
        id={id}
        port={port}
        form={look.form}
        colour={look.colour}
        far={far}
        alone={alone}
      />
    )
  })
})

function PortButton({
  id,
  port,
  form,
  colour,
  far,
  alone,
}: {
  id: string
  port: Port
  form: string
  colour: string
  far: boolean
  alone: boolean
}) {
  const shared = {
    className: 'graph-port nodrag nopan',
    'data-port': port.slot,
    'data-side': port.side,
    'data-type': port.type,
    'data-form': form,
    'data-owner': id,
    'data-widget': port.widget,
    'data-linked': port.linked,
    style: { top: port.y, '--port': colour } as React.CSSProperties,
  }
  if (far) return <i {...shared} />
  return (
    <>
      <button
        type="button"
        tabIndex={-1}
        {...shared}
        title={`${port.label} · ${port.type}`}
        aria-label={portName(port)}
      />
      {port.widget ? null : (
        <span className="graph-label" data-side={port.side} data-wide={alone} style={{ top: port.y }}>
          {port.label}
        </span>
      )}
    </>
  )
}

function portName(port: Port): string {
  const values = { name: port.label || port.type, type: port.type }
  if (port.side === 'out')
    return port.linked
      ? t('Output {{name}}, {{type}}, connected', values)
      : t('Output {{name}}, {{type}}', values)
  return port.linked
    ? t('Input {{name}}, {{type}}, connected', values)
    : t('Input {{name}}, {{type}}', values)
}
