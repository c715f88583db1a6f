/** How much of a resource is in use: 0 calm, 1 busy, 2 full. */
export type Band = 0 | 1 | 2;

/** Shares of a resource from which on it counts as busy and as full. */
const begins = { 1: 0.6, 2: 0.8 } as const;

/** A band is left only this far below its beginning, so that a load at its edge does not move limits to and fro. */
const slack = 0.1;

/** The band of a load from 0 to 1, given the band before. */
export function nextBand(load: number, before: Band): Band {
  const from = (band: 1 | 2): number => begins[band] - (before >= band ? slack : 0);
  if (load >= from(2)) return 2;
  return load >= from(1) ? 1 : 0;
}
