/** Which place a picture has in the list that is shown. */
import { useQuery } from '@tanstack/react-query'
import { queries } from '@/app/connection'
import { GALLERY } from '@/app/jobs'
import { listKeys, PAGE, type Picture } from './pictures'
import type { ListQuery } from './use-list'

const SEARCHED = 20_000

/** From the pages that are here, or else from the server; -1: it is not in the list, or nobody knows yet. */
export function usePlaceOf(id: string, query: ListQuery): number {
  const here = placeIn(id, query)
  const { data } = useQuery({
    queryKey: [...GALLERY, 'place', query, id],
    queryFn: async () => (await listKeys(query, SEARCHED)).indexOf(id),
    enabled: here < 0,
    staleTime: 10_000,
  })
  return here >= 0 ? here : (data ?? -1)
}

function placeIn(id: string, query: ListQuery): number {
  for (const [key, page] of queries.getQueriesData<Picture[]>({ queryKey: [...GALLERY, 'page', query] })) {
    const at = page?.findIndex((picture) => picture.id === id) ?? -1
    if (at >= 0) return Number(key.at(-1)) * PAGE + at
  }
  return -1
}
