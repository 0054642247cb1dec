import { useQuery } from '@tanstack/react-query'
import { Check, Copy, Download } from 'lucide-react'
import { useState } from 'react'
import { renderSVG } from 'uqr'
import { addressOf } from '@/app/navigation'
import type { App } from '@/app/saved-apps'
import { writeDocument } from '@/doc/read'
import type { Workflow } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toasts'

export interface ShareDialogProps {
  open: boolean
  onClose: () => void
  app: App
  workflow: () => Workflow | undefined
}

/** Three ways to give an app away: a link, a code for phones in the same network, a file. */
export function ShareDialog({ open, onClose, app, workflow }: ShareDialogProps) {
  const link = `${location.origin}${addressOf('apps', app.name)}`
  const local = /^(localhost|127\.|\[::1\])/.test(location.hostname)
  return (
    <Dialog open={open} onClose={onClose} title={t('Share {{title}}', { title: app.title })} size="small">
      <div className="flex flex-col gap-4">
        <div>
          <h3 className="mb-1 text-label font-medium text-muted">{t('Link')}</h3>
          <div className="flex gap-2">
            <Input readOnly value={link} aria-label={t('Link')} onFocus={(event) => event.target.select()} />
            <CopyButton text={link} label={t('Copy the link')} />
          </div>
        </div>
        <div className="flex items-center gap-4">
          <QrCode text={link} />
          <p className="text-body text-muted">
            {local
              ? t(
                  'This link works on this machine only. Start the server with --host 0.0.0.0 and open the studio at its address in the network; the code then leads phones here.',
                )
              : t('Point a phone’s camera at the code. It has to be in the same network.')}
          </p>
        </div>
        <div>
          <h3 className="mb-1 text-label font-medium text-muted">{t('File')}</h3>
          <Button icon={<Download size={16} aria-hidden="true" />} onClick={() => saveFile(app, workflow())}>
            {t('Save {{name}}', { name: `${app.name}.app.json` })}
          </Button>
          <p className="mt-2 text-label text-muted">{t('It opens here and in ComfyUI’s app mode.')}</p>
        </div>
      </div>
    </Dialog>
  )
}

/** A code that cameras read, dark on light in every theme. */
function QrCode({ text }: { text: string }) {
  const { data } = useQuery({
    queryKey: ['qr', text],
    queryFn: () => renderSVG(text, { border: 2 }),
    staleTime: Infinity,
  })
  return data ? (
    <img
      src={`data:image/svg+xml,${encodeURIComponent(data)}`}
      alt={t('Code for the link')}
      className="size-36 shrink-0 rounded-control bg-white"
    />
  ) : null
}

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setDone(true)
      setTimeout(() => setDone(false), 2_000)
    } catch {
      toast({
        text: t('The browser does not let pages copy here. Select the text and copy it.'),
        tone: 'warn',
      })
    }
  }
  return (
    <IconButton label={done ? t('Copied') : label} look="plain" onClick={() => void copy()}>
      {done ? <Check size={16} className="text-ok" /> : <Copy size={16} strokeWidth={1.5} />}
    </IconButton>
  )
}

function saveFile(app: App, workflow: Workflow | undefined): void {
  if (!workflow) return
  const url = URL.createObjectURL(new Blob([writeDocument(workflow)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${app.name}.app.json`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
