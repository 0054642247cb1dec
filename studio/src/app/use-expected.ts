/** How long a run of a document is going to take, by what its nodes took here before; asked only when somebody looks. */
import { useQuery } from '@tanstack/react-query'
import { estimateRun } from '@/net/queue'
import { useDocuments } from './documents'

/** Milliseconds, or undefined while nobody knows. */
export function useExpected(document: string, wanted: boolean): number | undefined {
  const revision = useDocuments((state) => state.open[document]?.revision)
  const { data } = useQuery({
    queryKey: ['expected', document, revision],
    queryFn: ({ signal }) => estimateRun(useDocuments.getState().open[document]?.workflow, signal),
    enabled: wanted && document !== '',
    retry: false,
  })
  return data?.seconds ? data.seconds * 1000 : undefined
}
