import { addressPlan } from './address-plan.js';
import { shaping, unshaping, type Shape } from './shaping.js';

const [node] = addressPlan(1, 0, ['direct']).nodes;
if (node === undefined) throw new Error('the plan has no node');
const text = (commands: readonly (readonly string[])[]): readonly string[] =>
  commands.map((words) => words.join(' '));

describe('the commands that shape a link', () => {
  it('throttle both directions', () => {
    const commands = text(shaping(node, { kind: 'throttled', kbit: 32 }));
    expect(commands.filter((line) => line.includes('tbf rate 32kbit'))).toHaveLength(2);
    expect(commands).toContainEqual(expect.stringContaining('mirred egress redirect dev i1'));
  });

  it('send a share of the packets through a slow class', () => {
    const commands = text(shaping(node, { kind: 'reordered', slowPercent: 25, slowKbit: 16 }));
    expect(commands.filter((line) => line.includes('classid 1:20 htb rate 16kbit'))).toHaveLength(2);
    // Load a random number; at or above a quarter of the range the fast class, else the slow one.
    const program = '4,32 0 0 4294963256,53 1 0 1073741824,6 0 0 65568,6 0 0 65552';
    expect(commands.filter((line) => line.endsWith(program))).toHaveLength(2);
  });

  it('drop a share of the packets in both directions', () => {
    const commands = text(shaping(node, { kind: 'lossy', percent: 50 }));
    const program = 'bytecode 4,32 0 0 4294963256,53 1 0 2147483648,6 0 0 2,6 0 0 4294967295';
    expect(commands.filter((line) => line.endsWith(program))).toHaveLength(2);
  });

  it.each<Shape>([
    { kind: 'throttled', kbit: 32 },
    { kind: 'reordered', slowPercent: 25, slowKbit: 16 },
    { kind: 'lossy', percent: 50 },
  ])('are all taken back: $kind', (shape) => {
    const rootOf = (lines: readonly string[], verb: string): readonly string[] =>
      lines.flatMap(
        (line) => new RegExp(`^qdisc ${verb} dev (\\S+) (root|clsact)`).exec(line)?.slice(1).join(' ') ?? [],
      );
    expect([...rootOf(text(unshaping(node, shape)), 'del')].sort()).toEqual(
      [...rootOf(text(shaping(node, shape)), 'add')].sort(),
    );
  });
});
