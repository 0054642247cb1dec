import { render } from '@testing-library/react'
import { expect, it } from 'vitest'
import { blocksOf, Markdown } from './markdown'

it('draws headings, lists and emphasis', () => {
  const { container } = render(<Markdown text={'# One\n\n- a **b**\n- `c`\n\n> said'} />)
  expect(container.querySelectorAll('li')).toHaveLength(2)
  expect(container.querySelector('strong')?.textContent).toBe('b')
  expect(container.querySelector('code')?.textContent).toBe('c')
})

it('keeps HTML as text, and follows links of the web only', () => {
  const text =
    '<img src=x onerror=alert(1)> [bad](javascript:alert(1)) [good](https://example.org) ![p](https://example.org/p.png)'
  const { container } = render(<Markdown text={text} />)
  expect(container.querySelector('img, script')).toBeNull()
  expect(container.textContent).toContain('<img src=x onerror=alert(1)>')
  expect([...container.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
    'https://example.org',
    'https://example.org/p.png',
  ])
})

it('ends with every text', () => {
  for (const text of ['```', '#', '- ', '>', '***', '1.', '\n\n', '#x', '```js\na', '-x']) {
    expect(blocksOf(text).length).toBeGreaterThanOrEqual(0)
  }
})
