import { closeFileDialog, useFileDialog } from '@/app/saving'
import { ConflictDialog } from './conflict-dialog'
import { OpenDialog } from './open-dialog'
import { SaveAsDialog } from './save-as-dialog'
import { VersionsDialog } from './versions-dialog'

/** The dialog about files that is open. */
export default function FileDialogs() {
  const { shown } = useFileDialog()
  if (shown.kind === 'open') return <OpenDialog onClose={closeFileDialog} />
  if (shown.kind === 'save-as') return <SaveAsDialog key={shown.id} id={shown.id} onClose={closeFileDialog} />
  if (shown.kind === 'versions') return <VersionsDialog id={shown.id} onClose={closeFileDialog} />
  if (shown.kind === 'conflict') return <ConflictDialog {...shown} onClose={closeFileDialog} />
  return null
}
