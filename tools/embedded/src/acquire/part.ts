/** Where a real part was found, in the order in which the places are tried. */
export type Source = 'env' | 'path' | 'cache' | 'release' | 'go' | 'debian' | 'npm';

/** A program that can be started. */
export interface FoundPart {
  readonly path: string;
  readonly version: string;
  readonly source: Source;
  /** True when nothing had to be downloaded or built for it now. */
  readonly cached: boolean;
  readonly bytes: number;
}

/** No way led to a part. The message lists what was tried and ends with what to do. */
export class PartMissing extends Error {
  readonly code = 'part-missing';
}
