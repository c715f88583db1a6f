/** Injection token of the projections that the app runs. */
export const PROJECTIONS = Symbol('PROJECTIONS');
