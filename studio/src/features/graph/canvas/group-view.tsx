import type { NodeProps } from '@xyflow/react'
import { Ban, Ellipsis, EyeOff, Play } from 'lucide-react'
import { memo, useState } from 'react'
import { t } from '@/i18n/text'
import { bypassGroup, groupMenu, muteGroup, nameGroup, resizeGroup, runGroup } from '../editing/group-actions'
import type { FlowNode, GroupData } from '../state/elements'
import { showMenu, useGraph } from '../state/graph-store'
import { useScope } from '../state/scope'
import { hueOf } from '../state/tints'
import { useFar } from './detail'
import { ResizeCorner } from './resize-corner'

/** A frame around nodes, with what can be done with all of them. */
export const GroupView = memo(function GroupView({ id, data, selected }: NodeProps<FlowNode>) {
  const { at, group } = data as GroupData
  const scope = useScope()
  const far = useFar()
  const isRenaming = useGraph((state) => state.renaming === id)
  const [hue, saturation] = hueOf(group.color ?? '') ?? [215, 20]
  const ink = `light-dark(hsl(${hue} ${saturation}% 40%), hsl(${hue} ${saturation}% 62%))`
  const font = far
    ? Math.max(28, Number(group.font_size) || 24)
    : Math.min(24, Number(group.font_size) || 24) * 0.67
  return (
    <div
      className="absolute inset-0 rounded-card border"
      style={{
        borderColor: selected ? 'var(--accent)' : `color-mix(in srgb, ${ink} 45%, transparent)`,
        background: `color-mix(in srgb, ${ink} 7%, transparent)`,
      }}
    >
      <div
        className="group-handle group flex items-center gap-1 rounded-t-card px-2"
        style={{ minHeight: far ? 36 : 30 }}
      >
        {isRenaming ? (
          <NameField at={at} name={group.title} />
        ) : (
          <span className="min-w-0 flex-1 truncate font-semibold" style={{ color: ink, fontSize: font }}>
            {group.title}
          </span>
        )}
        {far ? null : (
          <span className="flex shrink-0 opacity-0 group-hover:opacity-100 focus-within:opacity-100 pointer-coarse:opacity-100">
            <GroupButton label={t('Run this group')} onClick={() => void runGroup(scope, at)}>
              <Play size={13} />
            </GroupButton>
            <GroupButton label={t('Bypass this group')} onClick={() => bypassGroup(scope, at)}>
              <Ban size={13} />
            </GroupButton>
            <GroupButton label={t('Mute this group')} onClick={() => muteGroup(scope, at)}>
              <EyeOff size={13} />
            </GroupButton>
            <GroupButton
              label={t('Menu of {{name}}', { name: group.title })}
              onClick={(event) => {
                const { left, bottom } = event.currentTarget.getBoundingClientRect()
                showMenu([left, bottom + 4], groupMenu(scope, at))
              }}
            >
              <Ellipsis size={13} />
            </GroupButton>
          </span>
        )}
      </div>
      {selected && !far ? (
        <ResizeCorner
          size={[group.bounding[2], group.bounding[3]]}
          onResize={(size) => resizeGroup(scope, at, size)}
        />
      ) : null}
    </div>
  )
})

function GroupButton({
  label,
  onClick,
  children,
}: {
  label: string
  onClick: (event: React.MouseEvent<HTMLButtonElement>) => void
  children: React.ReactNode
}) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={label}
      title={label}
      onClick={onClick}
      className="nodrag nopan flex size-6 items-center justify-center rounded-small text-muted hover:bg-hover hover:text-text"
    >
      {children}
    </button>
  )
}

function NameField({ at, name }: { at: number; name: string }) {
  const scope = useScope()
  const [text, setText] = useState(name)
  const end = (keep: boolean) => {
    useGraph.setState({ renaming: null })
    if (keep && text.trim() && text !== name) nameGroup(scope, at, text.trim())
  }
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it appears because somebody asked to write here.
      autoFocus
      value={text}
      aria-label={t('Name of the group')}
      className="nodrag nopan h-6 min-w-0 flex-1 rounded-small bg-bg px-1 text-body outline-1 outline-accent"
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') end(true)
        if (event.key === 'Escape') end(false)
      }}
    />
  )
}
