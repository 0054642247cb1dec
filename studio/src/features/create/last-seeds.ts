/** The seed of each document's last run: what "keep this seed" means once the next one is drawn. */
const seeds = new Map<string, number>()

export const keepLastSeed = (document: string, seed: number): void => {
  seeds.set(document, seed)
}

export const lastSeed = (document: string): number | undefined => seeds.get(document)
