export function Builder({ document }: { document: string }) {
  return <p>{document}</p>
}
