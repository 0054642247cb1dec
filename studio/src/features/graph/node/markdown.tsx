/** Markdown as React elements. What is HTML in it stays text: nothing of a file is ever run, and no picture is fetched. */
import { Fragment, type ReactNode } from 'react'

/** Shows a text written in Markdown: headings, lists, quotes, code, emphasis and links. */
export function Markdown({ text }: { text: string }) {
  return <>{blocksOf(text).map(drawBlock)}</>
}

type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'list'; ordered: boolean; items: string[] }
  | { kind: 'code' | 'quote' | 'text'; text: string }
  | { kind: 'line' }

/** Splits a text into its blocks. */
export function blocksOf(text: string): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const blocks: Block[] = []
  let at = 0
  const take = (while_: (line: string) => boolean): string[] => {
    const taken: string[] = []
    while (at < lines.length && while_(lines[at]!)) {
      taken.push(lines[at]!)
      at += 1
    }
    return taken
  }
  while (at < lines.length) {
    const line = lines[at]!
    const heading = /^(#{1,6})\s+(.*)$/.exec(line)
    if (line.trim() === '') at += 1
    else if (/^\s*```/.test(line)) {
      at += 1
      blocks.push({ kind: 'code', text: take((other) => !/^\s*```/.test(other)).join('\n') })
      at += 1
    } else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, text: heading[2]! })
      at += 1
    } else if (/^\s*([-*_])\s*(\1\s*){2,}$/.test(line)) {
      blocks.push({ kind: 'line' })
      at += 1
    } else if (ITEM.test(line)) {
      const ordered = /^\s*\d/.test(line)
      const items = take((other) => ITEM.test(other)).map((item) => item.replace(ITEM, ''))
      blocks.push({ kind: 'list', ordered, items })
    } else if (/^\s*>/.test(line)) {
      const quoted = take((other) => /^\s*>/.test(other)).map((other) => other.replace(/^\s*>\s?/, ''))
      blocks.push({ kind: 'quote', text: quoted.join('\n') })
    } else {
      blocks.push({ kind: 'text', text: take((other) => isPlain(other)).join('\n') })
    }
  }
  return blocks
}

const ITEM = /^\s*(?:[-*+]|\d+[.)])\s+/
const isPlain = (line: string): boolean =>
  line.trim() !== '' && !/^(#{1,6}\s|\s*```|\s*>)/.test(line) && !ITEM.test(line)

const HEADINGS = ['text-section', 'text-field', 'text-body']

function drawBlock(block: Block, key: number): ReactNode {
  if (block.kind === 'line') return <hr key={key} className="my-2" />
  if (block.kind === 'code')
    return (
      <pre key={key} className="my-1 overflow-auto rounded-small bg-bg p-2 font-mono text-label">
        {block.text}
      </pre>
    )
  if (block.kind === 'list') {
    const List = block.ordered ? 'ol' : 'ul'
    return (
      <List key={key} className={`my-1 ps-5 ${block.ordered ? 'list-decimal' : 'list-disc'}`}>
        {block.items.map((item, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is drawn anew with its text.
          <li key={at}>{inline(item)}</li>
        ))}
      </List>
    )
  }
  if (block.kind === 'heading')
    return (
      <p
        key={key}
        className={`mt-2 mb-1 font-semibold first:mt-0 ${HEADINGS[block.level - 1] ?? 'text-body'}`}
      >
        {inline(block.text)}
      </p>
    )
  return (
    <p
      key={key}
      className={block.kind === 'quote' ? 'my-1 border-s-2 ps-2 text-muted' : 'my-1 whitespace-pre-line'}
    >
      {inline(block.text)}
    </p>
  )
}

const INLINE =
  /(`[^`]+`)|(\*\*[^*]+\*\*|__[^_]+__)|(\*[^*\s][^*]*\*|_[^_\s][^_]*_)|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)|(https?:\/\/[^\s<>)\]]+)/g

function inline(text: string): ReactNode[] {
  const parts: ReactNode[] = []
  let end = 0
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, soft, label, target, address] = match
    if (match.index > end) parts.push(text.slice(end, match.index))
    end = match.index + whole.length
    const key = match.index
    if (code)
      parts.push(
        <code key={key} className="rounded-small bg-bg px-1 font-mono text-label">
          {code.slice(1, -1)}
        </code>,
      )
    else if (bold) parts.push(<strong key={key}>{inline(bold.slice(2, -2))}</strong>)
    else if (soft) parts.push(<em key={key}>{inline(soft.slice(1, -1))}</em>)
    else
      parts.push(
        <Fragment key={key}>{anchor(target ?? address ?? '', label || (target ?? address ?? ''))}</Fragment>,
      )
  }
  if (end < text.length) parts.push(text.slice(end))
  return parts
}

const anchor = (target: string, label: string): ReactNode =>
  /^https?:\/\//i.test(target) ? (
    <a
      href={target}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="nodrag break-all text-accent underline"
    >
      {label}
    </a>
  ) : (
    label
  )
