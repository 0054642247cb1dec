import type { NodeDefinition } from '@/doc/definitions'
import { isWidget } from '@/doc/definitions'
import { lookOf } from '../state/ports'

/** A node type in small: its ports with their forms and colours, its widgets as lines. */
export function PortDrawing({ definition }: { definition: NodeDefinition }) {
  const inputs = definition.inputs.filter((input) => !input.hidden && !isWidget(input))
  const widgets = definition.inputs.filter(isWidget)
  return (
    <div className="relative rounded-[8px] border bg-raised pb-1.5 text-label">
      <p className="truncate border-b px-3 py-1 font-medium">{definition.title}</p>
      <div className="grid grid-cols-2 gap-x-3 py-1">
        <ul>
          {inputs.map((input) => (
            <li key={input.name} className="relative ps-3.5 text-muted">
              <Dot type={input.type} side="in" />
              <span className="block truncate">{input.name}</span>
            </li>
          ))}
        </ul>
        <ul className="text-end">
          {definition.outputs.map((output, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: outputs have no other name of their own.
            <li key={at} className="relative pe-3.5 text-muted">
              <Dot type={output.type} side="out" />
              <span className="block truncate">{output.name || output.type}</span>
            </li>
          ))}
        </ul>
      </div>
      {widgets.slice(0, 8).map((input) => (
        <p
          key={input.name}
          className="mx-3 mb-1 truncate rounded-small border px-1.5 text-caption text-faint"
        >
          {input.name}
        </p>
      ))}
    </div>
  )
}

function Dot({ type, side }: { type: string; side: 'in' | 'out' }) {
  const look = lookOf(type)
  return (
    <i
      aria-hidden="true"
      className="graph-port pointer-events-none top-1/2"
      data-side={side}
      data-form={look.form}
      style={{ '--port': look.colour } as React.CSSProperties}
    />
  )
}
