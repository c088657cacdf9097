// "Did you mean": the known word closest to an unknown one.

/** The candidate that `word` was probably meant to be. */
export function similarWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length < 2 || word.length > 48) return undefined
  const begins = (candidate: string) => candidate.toLowerCase().startsWith(word.toLowerCase())
  const most = Math.max(2, Math.floor(word.length / 3))
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = distanceBetween(word.toLowerCase(), candidate.toLowerCase())
    if (distance > most || distance * 2 > Math.max(word.length, candidate.length)) continue
    // Of two that are as near, what the word is the beginning of.
    const rank = 2 * distance - (begins(candidate) ? 1 : 0)
    if (rank >= least) continue
    least = rank
    best = candidate
  }
  if (best !== undefined || word.length < 3) return best
  return candidates.find(begins)
}

// Edits to turn one word into the other; swapped neighbours count once.
function distanceBetween(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1)
      }
      row.push(cost)
    }
    before = last
    last = row
  }
  return last[b.length]!
}
