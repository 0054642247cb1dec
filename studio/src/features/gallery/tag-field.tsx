import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'
import { t } from '@/i18n/text'
import { Chip } from '@/ui/chip'
import { Input } from '@/ui/input'
import { facetsQuery } from './pictures'

export interface TagFieldProps {
  tags: string[]
  onAdd: (tag: string) => void
  onRemove: (tag: string) => void
  /** It is what one came for: it takes the focus. */
  focused?: boolean
}

/** Tags as chips, and a field for more; tags that there are complete themselves. */
export function TagField({ tags, onAdd, onRemove, focused }: TagFieldProps) {
  const [text, setText] = useState('')
  const list = useId()
  const { data } = useQuery(facetsQuery())
  const add = () => {
    const tag = text.trim().replace(/\s+/g, ' ')
    if (tag) onAdd(tag)
    setText('')
  }
  const keyed = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ',') return
    event.preventDefault()
    add()
  }
  return (
    <div className="flex flex-col gap-2">
      {tags.length > 0 ? (
        <div className="flex flex-wrap gap-1">
          {tags.map((tag) => (
            <Chip
              key={tag}
              onRemove={() => onRemove(tag)}
              removeLabel={t('Take the tag {{tag}} away', { tag })}
            >
              {tag}
            </Chip>
          ))}
        </div>
      ) : null}
      <Input
        autoFocus={focused}
        aria-label={t('Add a tag')}
        placeholder={t('Add a tag')}
        list={list}
        value={text}
        onChange={setText}
        onKeyDown={keyed}
        onBlur={add}
        maxLength={200}
      />
      <datalist id={list}>
        {data?.tags.slice(0, 200).map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  )
}
