/** A list of the gallery: how it lies, and the pages of it that are on screen. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { queries } from '@/app/connection'
import { liesQuery, listKeys, PAGE, type Picture, pageQuery } from './pictures'
import { queryOf, useWanted } from './wanted'

export function useList() {
  const wanted = useWanted()
  const query = useMemo(() => queryOf(wanted), [wanted])
  const lies = useQuery({ ...liesQuery(query), placeholderData: keepPreviousData })
  return { query, lies }
}

export type ListQuery = ReturnType<typeof queryOf>

/** The pictures of some places of a list; what is on its way is undefined. */
export function usePictures(
  query: ListQuery,
  first: number,
  last: number,
): (at: number) => Picture | undefined {
  const from = Math.floor(Math.max(0, first) / PAGE)
  const to = Math.max(from, Math.floor(Math.max(0, last) / PAGE))
  const results = useQueries({
    queries: Array.from({ length: to - from + 1 }, (_, at) => pageQuery(query, from + at)),
    combine: dataOf,
  })
  // The same function while the same pages are shown, so that rows are drawn once.
  return useCallback((at) => results[Math.floor(at / PAGE) - from]?.[at % PAGE], [results, from])
}

/** Defined once: another function would make another answer at each drawing. */
const dataOf = (found: { data: Picture[] | undefined }[]) => found.map((result) => result.data)

/** The picture at a place, if it is here. */
export const pictureAt = (query: ListQuery, at: number): Picture | undefined =>
  queries.getQueryData<Picture[]>(pageQuery(query, Math.floor(at / PAGE)).queryKey)?.[at % PAGE]

/** The ids of some places, from what is here or else from the server. */
export async function keysBetween(query: ListQuery, one: number, other: number): Promise<string[]> {
  const [from, to] = [Math.min(one, other), Math.max(one, other)]
  const places = Array.from({ length: to - from + 1 }, (_, at) => from + at)
  const here = places.map((at) => pictureAt(query, at)?.id)
  if (here.every((id) => id !== undefined)) return here as string[]
  return (await listKeys(query, to + 1)).slice(from)
}
