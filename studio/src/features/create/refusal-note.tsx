import { useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import { useRefusals } from '@/app/run'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'

/** Why the last run was not queued. */
export function RefusalNote({ document }: { document: string }) {
  const refused = useRefusals((state) => state.refused[document])
  if (!refused) return null
  const problems = refused.problems.filter(
    (problem, at, all) => all.findIndex((other) => other.message === problem.message) === at,
  )
  const missing = problems.some((problem) => problem.code === 'value_not_in_list')
  return (
    <ErrorNote
      title={t('It was not queued.')}
      actions={
        <>
          {missing ? (
            <Button
              small
              onClick={() => {
                const workflow = useDocuments.getState().open[document]?.workflow
                sendTo('models', 'missing', { workflow })
              }}
            >
              {t('Find what is missing')}
            </Button>
          ) : null}
          <Button small onClick={() => goTo('graph', document)}>
            {t('Show in the graph')}
          </Button>
        </>
      }
    >
      {problems.length > 0 ? (
        <ul className="flex flex-col gap-1">
          {problems.slice(0, 4).map((problem) => (
            <li key={`${problem.node} ${problem.input} ${problem.message}`}>{problem.message}</li>
          ))}
        </ul>
      ) : (
        refused.message
      )}
    </ErrorNote>
  )
}
