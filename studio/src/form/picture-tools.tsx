import { Crop, Images, SquareDashed } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { t } from '@/i18n/text'
import type { MenuEntry } from '@/ui/menu'

const ResultPicker = lazy(() => import('./result-picker'))
const CropDialog = lazy(() => import('./crop-dialog'))
const MaskDialog = lazy(() => import('./mask-dialog'))

export interface PictureToolsProps {
  /** Name of the picture in the input folder. */
  value: string
  onChange: (value: unknown) => void
  /** Painting a mask is what it is for. */
  mask?: boolean
}

/** What can be done with a picture in a form: another from the results, a crop, a mask. Dialogs are fetched when opened. */
export function usePictureTools({ value, onChange, mask }: PictureToolsProps): {
  entries: MenuEntry[]
  dialogs: ReactNode
  openResults: () => void
  openMask: () => void
} {
  const [open, setOpen] = useState<'' | 'results' | 'crop' | 'mask'>('')
  const close = () => setOpen('')
  const give = (next: string) => {
    onChange(next)
    close()
  }
  const paint: MenuEntry = {
    label: t('Paint a mask…'),
    icon: <SquareDashed size={16} />,
    onSelect: () => setOpen('mask'),
  }
  return {
    openResults: () => setOpen('results'),
    openMask: () => setOpen('mask'),
    entries: [
      { label: t('From results…'), icon: <Images size={16} />, onSelect: () => setOpen('results') },
      ...(mask ? [paint] : []),
      { label: t('Crop…'), icon: <Crop size={16} />, onSelect: () => setOpen('crop') },
      ...(mask ? [] : [paint]),
    ],
    dialogs: open ? (
      <Suspense fallback={null}>
        {open === 'results' ? <ResultPicker onPick={give} onClose={close} /> : null}
        {open === 'crop' ? <CropDialog value={value} onDone={give} onClose={close} /> : null}
        {open === 'mask' ? <MaskDialog value={value} onDone={give} onClose={close} /> : null}
      </Suspense>
    ) : null,
  }
}
