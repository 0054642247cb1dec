import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import { type Command, useCommands } from '@/app/commands'
import { activeDocument } from '@/app/documents'
import { exportDocument, save, saveAs, showFileDialog, useFileDialog } from '@/app/saving'
import { t } from '@/i18n/text'
import { besideStudio } from '@/net/beside'
import { Intake } from './intake'
import { chooseFiles } from './take-files'

const FileDialogs = lazy(() => import('./file-dialogs'))

/** Files, on every screen: saving, opening, exporting, and what is dropped or pasted. */
export default function DocumentsOverlay() {
  const { data } = useQuery({
    queryKey: ['beside'],
    queryFn: besideStudio,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const classic = data?.classic ?? ''
  useCommands(useMemo(() => [...fileCommands(), ...classicCommands(classic)], [classic]))
  const isOpen = useFileDialog(({ shown }) => shown.kind !== 'none')
  return (
    <>
      <Intake />
      {isOpen ? (
        <Suspense fallback={null}>
          <FileDialogs />
        </Suspense>
      ) : null}
    </>
  )
}

const fileCommands = (): Command[] => {
  const group = t('Document')
  const always = { group, whileTyping: true }
  return [
    { id: 'document.save', label: t('Save'), keys: 'Mod+S', ...always, run: () => void save() },
    { id: 'document.save-as', label: t('Save as…'), keys: 'Mod+Shift+S', ...always, run: () => saveAs() },
    {
      id: 'document.open',
      label: t('Open…'),
      keys: 'Mod+O',
      ...always,
      run: () => showFileDialog({ kind: 'open' }),
    },
    { id: 'document.add', label: t('Add from file…'), group, run: chooseFiles },
    {
      id: 'document.versions',
      label: t('Versions of this document…'),
      group,
      run: () => {
        const document = activeDocument()
        if (document) showFileDialog({ kind: 'versions', id: document.id })
      },
    },
    { id: 'document.export', label: t('Export as JSON'), group, run: () => void exportDocument('workflow') },
    {
      id: 'document.export-api',
      label: t('Export for the API'),
      group,
      run: () => void exportDocument('api'),
    },
    {
      id: 'document.export-app',
      label: t('Export as an app file'),
      group,
      run: () => void exportDocument('app'),
    },
  ]
}

/** ComfyUI's page shows what is saved: the document is saved first, and is among its workflows. */
const classicCommands = (address: string): Command[] =>
  address
    ? [
        {
          id: 'document.classic',
          label: t('Save and open in the classic editor'),
          group: t('Document'),
          run: () => void save().then(() => window.open(address, 'limner-classic')),
        },
      ]
    : []
