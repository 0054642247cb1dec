import { X } from 'lucide-react'
import { useState } from 'react'
import { useJobs } from '@/app/jobs'
import { goTo } from '@/app/navigation'
import { runNow } from '@/app/run-now'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'

/** Why the document's last job failed, if it did. */
export function FailedNote({ document }: { document: string }) {
  const [closed, close] = useState('')
  const id = useJobs(
    (state) =>
      state.order.findLast((one) => state.jobs[one]!.document === document && state.jobs[one]!.ended > 0) ??
      '',
  )
  const failure = useJobs((state) => state.jobs[id]?.failure)
  if (!failure || closed === id) return null
  return (
    <div className="mx-auto w-full max-w-2xl px-4 pb-2">
      <ErrorNote
        title={
          failure.nodeType
            ? t('{{node}} failed: {{message}}', { node: failure.nodeType, message: failure.message })
            : t('It failed: {{message}}', { message: failure.message })
        }
        actions={
          <>
            <Button small onClick={() => void runNow()}>
              {t('Try again')}
            </Button>
            <Button small onClick={() => goTo('graph', document)}>
              {t('Show in the graph')}
            </Button>
            <Button small onClick={() => goTo('queue', id)}>
              {t('Details')}
            </Button>
            <IconButton label={t('Close')} small onClick={() => close(id)}>
              <X size={14} />
            </IconButton>
          </>
        }
      />
    </div>
  )
}
