import type { HostId } from '#lib/events';
import { Measurement } from './measurement.js';

const host = 'h1' as HostId;
const grid = { begin: 0, seconds: 30 };
const starts = (measurement: Measurement, end: number): number[] =>
  measurement.due(host, end, 10).map(({ start }) => start / 1000);

describe('the blocks of a host', () => {
  it('are due in order, once each, when their time has passed', () => {
    const measurement = new Measurement(grid, new Map());
    expect(starts(measurement, 29_000)).toEqual([]);
    expect(starts(measurement, 95_000)).toEqual([0, 30, 60]);
    measurement.begin(host, measurement.due(host, 95_000, 2));
    expect(starts(measurement, 95_000)).toEqual([60]);
  });

  it('go on where they were before a restart', () => {
    expect(starts(new Measurement(grid, new Map([[host, 60_000]])), 95_000)).toEqual([60]);
  });

  it('are made anew when a window comes late, and not when it comes in time', () => {
    const measurement = new Measurement(grid, new Map([[host, 60_000]]));
    measurement.touch(host, 70_000);
    expect(starts(measurement, 60_000)).toEqual([]);
    measurement.touch(host, 40_000);
    measurement.touch(host, 50_000);
    expect(starts(measurement, 60_000)).toEqual([30]);
    measurement.begin(host, measurement.due(host, 60_000, 10));
    expect(starts(measurement, 60_000)).toEqual([]);
  });

  it('are due again where writing them failed', () => {
    const measurement = new Measurement(grid, new Map());
    const due = measurement.due(host, 60_000, 10);
    measurement.begin(host, due);
    measurement.failed(host, due);
    expect(starts(measurement, 60_000)).toEqual([0, 30]);
  });

  it('do not go beyond a short block at the end, which is made again if the experiment goes on', () => {
    const measurement = new Measurement(grid, new Map());
    measurement.begin(host, [{ start: 0, seconds: 20 }]);
    expect(starts(measurement, 30_000)).toEqual([0]);
  });
});
