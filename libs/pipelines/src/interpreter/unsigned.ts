/** The difference of counts, which are unsigned and wrap around where a part fell although the whole grew. */
export function countDifference(count: number, before: number): number {
  const difference = count - before;
  return difference >= 0 ? difference : Number(BigInt.asUintN(64, BigInt(difference)));
}
