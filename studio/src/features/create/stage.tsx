import { lazy, Suspense, useEffect } from 'react'
import { jobsOfDocument, useJobs } from '@/app/jobs'
import { EmptyStage } from './empty-stage'
import { useResults } from './use-results'

export interface StageProps {
  document: string
  narrow: boolean
}

// Before the first picture nobody needs what shows one: it comes when the form is there.
const load = () => import('./shown-stage')
const ShownStage = lazy(load)

/** The middle of the screen: what is being drawn, what was drawn, and what can be done with it. */
export function Stage({ document, narrow }: StageProps) {
  const results = useResults(document)
  const running = useLiveJob(document)
  useEffect(() => {
    load().catch(() => undefined)
  }, [])
  if (results.length === 0 && !running) return <EmptyStage document={document} />
  return (
    <Suspense fallback={<div className="min-h-0 flex-1" />}>
      <ShownStage document={document} narrow={narrow} results={results} running={running} />
    </Suspense>
  )
}

/** The job of a document that is drawn now, or that waits for it; empty if there is none. */
function useLiveJob(document: string): string {
  return useJobs((state) => {
    const jobs = jobsOfDocument(state, document)
    const job = jobs.find((one) => one.state === 'running') ?? jobs.find((one) => one.state === 'waiting')
    return job?.id ?? ''
  })
}
