import { ArrowDownUp, Ellipsis, FileUp, FolderUp, Grid3x3, LayoutDashboard, Trash2 } from 'lucide-react'
import { useRef } from 'react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Menu } from '@/ui/menu'
import { usePreference } from '@/ui/remembered'
import { Slider } from '@/ui/slider'
import { importPictures, removeForEver } from './pictures'
import { type Order, useWanted, want } from './wanted'

const orders = (): [Order, string][] => [
  ['newest', t('Newest first')],
  ['oldest', t('Oldest first')],
  ['name', t('By name')],
  ['rating', t('Best rated first')],
]

/** Size and order of the list, and what can be done with the gallery as a whole. */
export function ViewMenu() {
  const { order, trash, board } = useWanted()
  const [size, setSize] = usePreference('gallery.size', 200)
  const [square, setSquare] = usePreference('gallery.square', false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  return (
    <>
      <div className="hidden w-28 px-2 md:block">
        <Slider
          value={size}
          onChange={setSize}
          min={120}
          max={420}
          step={20}
          label={t('Size of pictures')}
          bare
        />
      </div>
      <span className="hidden sm:block">
        <IconButton
          label={square ? t('Show whole pictures in rows') : t('Show squares')}
          onClick={() => setSquare(!square)}
        >
          {square ? <LayoutDashboard size={16} /> : <Grid3x3 size={16} />}
        </IconButton>
      </span>
      <Menu
        align="end"
        trigger={
          <IconButton label={t('Order')}>
            <ArrowDownUp size={16} />
          </IconButton>
        }
        entries={orders().map(([value, label]) => ({
          label,
          checked: value === order,
          onSelect: () => want({ order: value }),
        }))}
      />
      <Menu
        align="end"
        trigger={
          <IconButton label={t('More')}>
            <Ellipsis size={16} />
          </IconButton>
        }
        entries={[
          { label: t('Import files…'), icon: <FileUp size={14} />, onSelect: () => files.current?.click() },
          {
            label: t('Import a folder…'),
            icon: <FolderUp size={14} />,
            onSelect: () => folder.current?.click(),
          },
          ...(trash
            ? ([
                'line',
                {
                  label: t('Empty the trash'),
                  icon: <Trash2 size={14} />,
                  danger: true,
                  onSelect: () => void removeForEver(),
                },
              ] as const)
            : []),
        ]}
      />
      {[files, folder].map((ref) => (
        <input
          key={ref === files ? 'files' : 'folder'}
          ref={ref}
          type="file"
          multiple
          hidden
          accept={ref === files ? 'image/*,video/*,audio/*' : undefined}
          {...(ref === folder ? { webkitdirectory: '' } : {})}
          onChange={(event) => {
            const chosen = [...(event.target.files ?? [])]
            event.target.value = ''
            void importPictures(chosen, board)
          }}
        />
      ))}
    </>
  )
}
