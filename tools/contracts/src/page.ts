/** A generated file: where it stands in the repository, and what it must say. */
export interface Page {
  readonly path: string;
  readonly content: string;
}
