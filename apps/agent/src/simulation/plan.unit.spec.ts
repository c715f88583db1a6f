import fc from 'fast-check';
import { simulateSchema, simulationProfiles } from '#lib/agent-protocol';
import { cpuCapOf, CPU_SHARE, memoryCapOf, planOf } from './plan.js';

const anyTask = fc.record({
  taskId: fc.stringMatching(/^[\w-]{1,40}$/),
  profile: fc.constantFrom(...simulationProfiles),
  seconds: fc.integer({ min: 10, max: 3600 }),
  processes: fc.integer({ min: 1, max: 200 }),
});
const anyMachine = fc.record({
  cpus: fc.integer({ min: 1, max: 128 }),
  memoryBytes: fc.integer({ min: 2 ** 28, max: 2 ** 40 }),
});
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe('the plan of a simulation', () => {
  it('has as many processes as were asked for, and never more CPU or memory than its bounds', () => {
    fc.assert(
      fc.property(anyTask, anyMachine, (task, machine) => {
        const { bounds, processes } = planOf(task, machine);
        expect(processes).toHaveLength(task.processes);
        expect(bounds.cores).toBe(CPU_SHARE * machine.cpus);
        // At the same time: the peaks of all, or the usual of all.
        expect(sum(processes.map(({ peak }) => peak)) / 1000).toBeLessThanOrEqual(bounds.cores + 1e-9);
        expect(sum(processes.map(memoryCapOf))).toBe(bounds.memoryBytes);
        expect(sum(processes.map(({ memoryBytes }) => memoryBytes))).toBeLessThanOrEqual(
          Math.min(64 * 2 ** 20, 0.05 * machine.memoryBytes),
        );
        for (const one of processes) {
          expect(one.permille).toBeLessThanOrEqual(one.peak);
          expect(one.peak).toBeLessThanOrEqual(500);
          // The kernel's word comes after what the plan allows.
          expect(cpuCapOf(one, task.seconds)).toBeGreaterThan((one.peak / 1000) * task.seconds);
          expect(one.executable).toMatch(/^sim-[a-z]+-[\da-f-]+$/);
        }
      }),
    );
  });

  it('is the same for the same task, and another for another one', () => {
    const machine = { cpus: 2, memoryBytes: 2 ** 33 };
    fc.assert(
      fc.property(anyTask, (task) => {
        expect(planOf(task, machine)).toEqual(planOf(task, machine));
      }),
    );
    const task = { taskId: 't1', profile: 'realistic', seconds: 60, processes: 20 } as const;
    expect(planOf({ ...task, taskId: 't2' }, machine)).not.toEqual(planOf(task, machine));
  });

  it('has the shape of its profile', () => {
    const machine = { cpus: 4, memoryBytes: 2 ** 34 };
    const plan = (profile: (typeof simulationProfiles)[number]) =>
      planOf({ taskId: 't1', profile, seconds: 100, processes: 40 }, machine);
    const executables = (profile: Parameters<typeof plan>[0]) =>
      new Set(plan(profile).processes.map(({ executable }) => executable)).size;
    expect(executables('high-cardinality')).toBe(40);
    expect(executables('steady')).toBe(8);
    expect(new Set(plan('realistic').processes.map(({ className }) => className)).size).toBe(5);
    expect(plan('process-churn').churn).toEqual({ everySeconds: 5, processes: 4 });
    expect(plan('steady').churn).toBeUndefined();
    const spiky = plan('spike').processes.filter(({ className }) => className === 'spiky');
    expect(spiky).toHaveLength(20);
    for (const { from, peak, permille, to } of spiky) {
      expect([from, to]).toEqual([40, 70]);
      expect(peak).toBeGreaterThan(2 * permille);
    }
  });

  it.each([
    ['a run of 9 s', { seconds: 9 }],
    ['a run of more than an hour', { seconds: 3601 }],
    ['no process', { processes: 0 }],
    ['more than 200 processes', { processes: 201 }],
    ['a profile that is none', { profile: 'wild' }],
  ])('is not made for %s', (_case, wrong) => {
    const task = {
      ...{ kind: 'Simulate', taskId: 't1', deadline: '2999-01-01T00:00:00.000Z' },
      ...{ profile: 'steady', seconds: 60, processes: 5 },
    };
    expect(simulateSchema.safeParse(task).success).toBe(true);
    expect(simulateSchema.safeParse({ ...task, ...wrong }).success).toBe(false);
  });
});
