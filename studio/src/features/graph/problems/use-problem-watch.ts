/** Opens the panel of problems when a run is refused or fails, and only then. */
import { useEffect } from 'react'
import { useDocuments } from '@/app/documents'
import { useJobs } from '@/app/jobs'
import { forgetRefusal, useRefusals } from '@/app/run'
import type { Workflow } from '@/doc/workflow'
import { shownJob } from '../running/node-run'
import { nodesById } from '../state/scope'
import { useProblemFocus } from './problem-focus'

export function useProblemWatch(document: string): void {
  useEffect(() => {
    const open = () => useProblemFocus.setState({ open: true })
    const stops = [
      useRefusals.subscribe((state, before) => {
        if (state.refused[document] && state.refused[document] !== before.refused[document]) open()
      }),
      useJobs.subscribe((state, before) => {
        if (state.jobs === before.jobs) return
        const failure = shownJob(state, document)?.failure
        if (failure && failure !== shownJob(before, document)?.failure) open()
      }),
      // What the server said of a workflow does not hold once the workflow was changed.
      useDocuments.subscribe((state, before) => {
        const now = state.open[document]?.workflow
        const then = before.open[document]?.workflow
        if (now && then && now !== then) forgetMended(document, then, now)
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [document])
}

/** Forgets what was said of nodes that were changed since. */
function forgetMended(document: string, then: Workflow, now: Workflow): void {
  const refused = useRefusals.getState().refused[document]
  if (!refused) return
  const left = refused.problems.filter(({ node }) => {
    const way = node.split(':')
    const same = nodesById(now.nodes).get(way[0]!) === nodesById(then.nodes).get(way[0]!)
    return same && (way.length === 1 || now.definitions === then.definitions)
  })
  if (left.length === refused.problems.length && left.length > 0) return
  if (left.length === 0) forgetRefusal(document)
  else
    useRefusals.setState((state) => ({
      refused: { ...state.refused, [document]: { ...refused, problems: left } },
    }))
}
