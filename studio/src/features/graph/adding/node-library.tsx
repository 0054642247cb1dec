import { ChevronRight } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { NodeDefinition } from '@/doc/definitions'
import { t } from '@/i18n/text'
import { Input } from '@/ui/input'
import { currentFlow, flowElement, focusNode, middle } from '../canvas/flow-instance'
import { type Scope, useScope } from '../state/scope'
import { useKnown } from '../state/values'
import { add } from './adding'
import { addable, searchNodes } from './node-search'

interface Folder {
  name: string
  folders: Map<string, Folder>
  nodes: NodeDefinition[]
}

/** All nodes that can be added, by category. A click or Enter adds one; it can be drawn into the graph as well. */
export function NodeLibrary() {
  const known = useKnown()
  const [text, setText] = useState('')
  const tree = useMemo(() => treeOf(addable(known)), [known])
  const found = useMemo(() => (text.trim() ? searchNodes(known, text, undefined, 100) : []), [known, text])
  return (
    <div className="flex h-full flex-col">
      <div className="p-2">
        <Input
          value={text}
          onChange={setText}
          placeholder={t('Search nodes…')}
          aria-label={t('Search nodes')}
          type="search"
        />
      </div>
      <div className="min-h-0 flex-1 overflow-auto px-2 pb-4">
        {text.trim() ? (
          found.length > 0 ? (
            <ul>
              {found.map((definition) => (
                <Entry key={definition.type} definition={definition} />
              ))}
            </ul>
          ) : (
            <p className="px-2 py-6 text-center text-body text-muted">{t('No node is called that.')}</p>
          )
        ) : (
          <FolderList folder={tree} />
        )}
      </div>
    </div>
  )
}

function treeOf(nodes: NodeDefinition[]): Folder {
  const root: Folder = { name: '', folders: new Map(), nodes: [] }
  for (const node of nodes) {
    let folder = root
    for (const name of (node.category || t('Other')).split('/')) {
      const inner = folder.folders.get(name) ?? { name, folders: new Map(), nodes: [] }
      folder.folders.set(name, inner)
      folder = inner
    }
    folder.nodes.push(node)
  }
  return root
}

const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name)

function FolderList({ folder }: { folder: Folder }) {
  return (
    <ul>
      {[...folder.folders.values()].sort(byName).map((inner) => (
        <FolderRow key={inner.name} folder={inner} />
      ))}
      {[...folder.nodes]
        .sort((one, other) => one.title.localeCompare(other.title))
        .map((definition) => (
          <Entry key={definition.type} definition={definition} />
        ))}
    </ul>
  )
}

const countIn = (folder: Folder): number =>
  folder.nodes.length + [...folder.folders.values()].reduce((sum, inner) => sum + countIn(inner), 0)

function FolderRow({ folder }: { folder: Folder }) {
  const [open, setOpen] = useState(false)
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-8 w-full items-center gap-1.5 rounded-control px-1 text-start text-body hover:bg-hover pointer-coarse:min-h-11"
      >
        <ChevronRight
          size={14}
          aria-hidden="true"
          className={`shrink-0 text-faint transition-transform duration-120 ${open ? 'rotate-90' : 'rtl:-scale-x-100'}`}
        />
        <span className="min-w-0 flex-1 truncate">{folder.name}</span>
        <span className="pe-1 text-caption text-faint tabular">{countIn(folder)}</span>
      </button>
      {open ? (
        <div className="ms-3 border-s ps-1">
          <FolderList folder={folder} />
        </div>
      ) : null}
    </li>
  )
}

function Entry({ definition }: { definition: NodeDefinition }) {
  const scope = useScope()
  return (
    <li>
      <button
        type="button"
        draggable
        title={definition.description || definition.type}
        onClick={() => addAt(scope, definition, middle())}
        onDragEnd={(event) => dropAt(scope, definition, event.clientX, event.clientY)}
        className="flex min-h-8 w-full items-center gap-2 rounded-control px-2 text-start text-body hover:bg-hover pointer-coarse:min-h-11"
      >
        <span className="min-w-0 flex-1 truncate">{definition.title}</span>
        {definition.deprecated ? <span className="text-caption text-warn">{t('old')}</span> : null}
      </button>
    </li>
  )
}

function addAt(scope: Scope, definition: NodeDefinition, place: [number, number]): void {
  const id = add(scope, definition, place)
  if (id !== undefined) requestAnimationFrame(() => focusNode(String(id)))
}

/** A node that was drawn out of the list: it is added if it was let go over the graph. */
function dropAt(scope: Scope, definition: NodeDefinition, x: number, y: number): void {
  const box = flowElement()?.getBoundingClientRect()
  const flow = currentFlow()
  if (!box || !flow || x < box.left || x > box.right || y < box.top || y > box.bottom) return
  const place = flow.screenToFlowPosition({ x, y })
  addAt(scope, definition, [place.x, place.y])
}
