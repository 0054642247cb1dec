import { Minus, Plus } from 'lucide-react'
import { shownNumber, t } from '@/i18n/text'
import { IconButton } from './button'
import { Menu } from './menu'
import type { ZoomHandle } from './zoomable'

/** The buttons of a zoomed picture, at its lower end. */
export function ZoomBar({ percent, fit, zoom }: { percent: number; fit: boolean; zoom: ZoomHandle }) {
  const shown = `${shownNumber(Math.round(percent))} %`
  return (
    <div className="absolute end-2 bottom-2 flex items-center rounded-control border bg-overlay/90 shadow-menu">
      <IconButton label={t('Zoom out')} keys="-" small side="top" onClick={() => zoom.by(1 / 1.5)}>
        <Minus size={14} />
      </IconButton>
      <Menu
        align="end"
        trigger={
          <button
            type="button"
            aria-label={t('Zoom: {{zoom}}', { zoom: shown })}
            className="h-7 min-w-14 rounded-small px-1 text-label tabular text-muted hover:text-text pointer-coarse:h-9"
          >
            {shown}
          </button>
        }
        entries={[
          { label: t('Fit'), keys: 'Mod+0', checked: fit, onSelect: zoom.fit },
          {
            label: '100 %',
            keys: 'Mod+1',
            checked: !fit && Math.round(percent) === 100,
            onSelect: () => zoom.to(1),
          },
          {
            label: '200 %',
            keys: 'Mod+2',
            checked: !fit && Math.round(percent) === 200,
            onSelect: () => zoom.to(2),
          },
        ]}
      />
      <IconButton label={t('Zoom in')} keys="+" small side="top" onClick={() => zoom.by(1.5)}>
        <Plus size={14} />
      </IconButton>
    </div>
  )
}
