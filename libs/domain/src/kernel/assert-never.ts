/** Makes a forgotten case a compile error, and a loud one at run time should data break the types. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(value)}`);
}
