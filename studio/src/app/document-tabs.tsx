import { Copy, Plus, X } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { ContextMenu } from '@/ui/menu'
import { toastUndo } from '@/ui/toasts'
import {
  closeDocument,
  isChanged,
  openDocument,
  renameDocument,
  showDocument,
  useDocuments,
} from './documents'
import { sendTo } from './intents'
import { isElsewhere, useElsewhere } from './other-tabs'
import { save, saveAs, showFileDialog } from './saving'

/** The open documents. Create, Canvas and Graph show the same one. */
export function DocumentTabs() {
  const { open, order, active } = useDocuments()
  const { tabs } = useElsewhere()
  const [naming, setNaming] = useState('')
  return (
    <div className="flex min-w-0 items-center gap-1">
      <div
        role="tablist"
        aria-label={t('Documents')}
        className="relative flex min-w-0 items-center gap-1 overflow-x-auto py-1 [scrollbar-width:none]"
      >
        {order.map((id) => {
          const document = open[id]!
          return naming === id ? (
            <TitleField
              key={id}
              title={document.title}
              onEnd={(title) => {
                if (title) renameDocument(id, title)
                setNaming('')
              }}
            />
          ) : (
            <ContextMenu
              key={id}
              entries={[
                { label: t('Save'), keys: 'Mod+S', onSelect: () => void save(id) },
                { label: t('Save as…'), keys: 'Mod+Shift+S', onSelect: () => saveAs(id) },
                { label: t('Versions…'), onSelect: () => showFileDialog({ kind: 'versions', id }) },
                'line',
                { label: t('Rename'), onSelect: () => setNaming(id) },
                {
                  label: t('Duplicate'),
                  onSelect: () =>
                    openDocument({
                      workflow: document.workflow,
                      title: t('{{title}} copy', { title: document.title }),
                      dirty: true,
                    }),
                },
                'line',
                { label: t('Make an app'), onSelect: () => sendTo('apps', 'make-app', { document: id }) },
                { label: t('Close'), onSelect: () => close(id) },
                {
                  label: t('Close others'),
                  disabled: order.length < 2,
                  onSelect: () => order.filter((other) => other !== id).forEach(closeDocument),
                },
              ]}
            >
              <div
                className={classes(
                  'group flex h-8 max-w-48 shrink-0 items-center rounded-control ps-3 pe-1 text-body',
                  id === active ? 'bg-press text-text' : 'text-muted hover:bg-hover hover:text-text',
                )}
              >
                <button
                  type="button"
                  role="tab"
                  aria-selected={id === active}
                  onClick={() => showDocument(id)}
                  onDoubleClick={() => setNaming(id)}
                  onKeyDown={(event) => event.key === 'Delete' && close(id)}
                  className="flex h-full min-w-0 items-center gap-2"
                >
                  <span className="truncate">{document.title}</span>
                  {isElsewhere(tabs, id, document.path) ? <ElsewhereMark /> : null}
                  {isChanged(document) ? (
                    <>
                      <span aria-hidden="true" className="size-1.5 shrink-0 rounded-full bg-accent" />
                      <span className="sr-only">{t('not saved')}</span>
                    </>
                  ) : null}
                </button>
                <button
                  type="button"
                  tabIndex={-1}
                  // In a list of tabs only tabs may be met; the key Delete and the tab's menu do the same.
                  aria-hidden="true"
                  title={t('Close {{title}}', { title: document.title })}
                  onClick={() => close(id)}
                  className="ms-1 flex size-6 shrink-0 items-center justify-center rounded-small text-faint opacity-0 group-hover:opacity-100 group-focus-within:opacity-100 hover:bg-press hover:text-text pointer-coarse:opacity-100"
                >
                  <X size={12} aria-hidden="true" />
                </button>
              </div>
            </ContextMenu>
          )
        })}
      </div>
      <IconButton label={t('New document')} small onClick={() => openDocument()}>
        <Plus size={16} strokeWidth={1.5} />
      </IconButton>
    </div>
  )
}

/** The same file is open in another tab: who saves second is asked. */
const ElsewhereMark = () => (
  <span title={t('Open in another tab')} className="flex shrink-0 text-warn">
    <Copy size={12} aria-hidden="true" />
    <span className="sr-only">{t('open in another tab')}</span>
  </span>
)

/** Closes a document and offers to open it again: it is never asked whether to save, for drafts are kept. */
function close(id: string): void {
  const document = useDocuments.getState().open[id]
  if (!document) return
  closeDocument(id)
  toastUndo(t('Closed {{title}}.', { title: document.title }), () => {
    useDocuments.setState((state) => ({
      open: { ...state.open, [id]: document },
      order: [...state.order, id],
      active: id,
    }))
  })
}

function TitleField({ title, onEnd }: { title: string; onEnd: (title: string) => void }) {
  const [text, setText] = useState(title)
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it appears because somebody asked to write here.
      autoFocus
      value={text}
      aria-label={t('Title')}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onEnd(text.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onEnd(text.trim())
        if (event.key === 'Escape') onEnd('')
      }}
      className="h-8 w-40 rounded-control border border-accent bg-bg px-2 text-body outline-none"
    />
  )
}
