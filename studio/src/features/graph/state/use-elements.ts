/** The elements of what is shown, as React state: built anew when the document, the selection or the results change. */
import { type Dispatch, type SetStateAction, useEffect, useMemo, useState } from 'react'
import { useDocuments } from '@/app/documents'
import { useJobs } from '@/app/jobs'
import { mediaIds } from '../running/node-run'
import { Elements, type FlowEdge, type FlowNode } from './elements'
import { useGraph } from './graph-store'
import { bodyAt, useScope } from './scope'
import { useKnown } from './values'

export interface UsedElements {
  nodes: FlowNode[]
  edges: FlowEdge[]
  setNodes: Dispatch<SetStateAction<FlowNode[]>>
}

export function useElements(): UsedElements {
  const scope = useScope()
  const known = useKnown()
  const build = useMemo(() => {
    const elements = new Elements()
    let media = ''
    let mediaSet: ReadonlySet<string> = new Set()
    return () => {
      const workflow = useDocuments.getState().open[scope.document]?.workflow
      const body = bodyAt(workflow, scope.path)
      if (!workflow || !body) return { nodes: [], edges: [] }
      const ids = mediaIds(useJobs.getState(), scope.document, scope.path)
      if (ids !== media) {
        media = ids
        mediaSet = new Set(ids.split(' ').filter(Boolean))
      }
      const { selected, selectedLinks } = useGraph.getState()
      const nodes = elements.nodes(workflow, body, known, mediaSet, selected)
      const edges = elements.linksOf(body)
      const chosen = edges.map((edge) =>
        (edge.selected ?? false) === selectedLinks.has(edge.id)
          ? edge
          : { ...edge, selected: !edge.selected },
      )
      return { nodes, edges: selectedLinks.size > 0 ? chosen : edges }
    }
  }, [scope, known])
  const [nodes, setNodes] = useState<FlowNode[]>(() => build().nodes)
  const [edges, setEdges] = useState<FlowEdge[]>(() => build().edges)

  useEffect(() => {
    const refresh = () => {
      const next = build()
      setNodes((now) => (sameList(now, next.nodes) ? now : next.nodes))
      setEdges((now) => (sameList(now, next.edges) ? now : next.edges))
    }
    refresh()
    const stops = [
      useDocuments.subscribe((state, before) => {
        if (state.open[scope.document]?.workflow !== before.open[scope.document]?.workflow) refresh()
      }),
      useGraph.subscribe((state, before) => {
        if (state.selected !== before.selected || state.selectedLinks !== before.selectedLinks) refresh()
      }),
      useJobs.subscribe((state, before) => {
        const read = (jobs: typeof state) => mediaIds(jobs, scope.document, scope.path)
        if (state.jobs !== before.jobs && read(state) !== read(before)) refresh()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [build, scope])
  return { nodes, edges, setNodes }
}

const sameList = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((item, at) => item === other[at])
