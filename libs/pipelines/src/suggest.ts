const MAX_WORD = 64;

/** The known word that was probably meant, where one is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { word: candidate, distance };
  }
  return best?.word;
}

/** How a fix begins: with the word that was meant, or else with all that there are. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `Did you mean ${meant}?`;
  const list = [...known].sort().slice(0, 12).join(', ');
  return known.length === 0 ? 'Remove it.' : `Use one of ${list}${known.length > 12 ? ' and others' : ''}.`;
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. */
function editDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  table[0] = Array.from({ length: b.length + 1 }, (_, j) => j);
  const cost = (i: number, j: number): number => table[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const steps = [cost(i - 1, j) + 1, cost(i, j - 1) + 1, cost(i - 1, j - 1) + (isSame ? 0 : 1)];
      table[i]?.push(Math.min(...steps, isSwap ? cost(i - 2, j - 2) + 1 : Infinity));
    }
  }
  return cost(a.length, b.length);
}
