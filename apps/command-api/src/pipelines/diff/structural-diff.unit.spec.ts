import fc from 'fast-check';
import { sameJson } from '#lib/domain';
import { structuralDiff } from './structural-diff.js';

const tree = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 });

describe('the structural difference', () => {
  it('is empty exactly where both say the same', () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        expect(structuralDiff(before, before)).toEqual([]);
        expect(structuralDiff(before, after).length === 0).toBe(sameJson(before, after));
      }),
    );
  });

  it('turned round has the same paths of maps, with added and removed exchanged', () => {
    const maps = fc.dictionary(fc.constantFrom('a', 'b'), fc.dictionary(fc.string(), fc.integer()));
    const opposite = { added: 'removed', removed: 'added', changed: 'changed' } as const;
    fc.assert(
      fc.property(maps, maps, (before, after) => {
        const there = structuralDiff(before, after).map(({ path, change }) => [path, change]);
        const back = structuralDiff(after, before).map(({ path, change }) => [path, opposite[change]]);
        expect(there).toEqual(back);
      }),
    );
  });

  it('matches processors by their kind, so that one in front of others changes no other', () => {
    const before = [{ kind: 'memoryLimiter' }, { kind: 'keepTopK', k: 20 }, { kind: 'batch' }];
    const after = [{ kind: 'memoryLimiter' }, { kind: 'dropMetrics' }, { kind: 'keepTopK', k: 5 }];
    expect(structuralDiff({ processors: before }, { processors: after })).toEqual([
      { path: 'processors.1', change: 'added', after: { kind: 'dropMetrics' } },
      { path: 'processors.2.k', change: 'changed', before: 20, after: 5 },
      { path: 'processors.2', change: 'removed', before: { kind: 'batch' } },
    ]);
  });
});
