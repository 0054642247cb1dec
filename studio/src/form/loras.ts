/** Lists of LoRAs, in any of the forms that they are kept in. */
export interface Lora {
  name: string
  strength: number
  on: boolean
}

export const asLoras = (value: unknown): Lora[] =>
  (Array.isArray(value) ? value : []).flatMap((entry) => {
    if (typeof entry === 'string') return [{ name: entry, strength: 1, on: true }]
    if (typeof entry !== 'object' || entry === null) return []
    const { name, strength, weight, on } = entry as Record<string, unknown>
    if (typeof name !== 'string' || !name) return []
    const amount = Number(strength ?? weight ?? 1)
    return [{ name, strength: Number.isFinite(amount) ? amount : 1, on: on !== false }]
  })
