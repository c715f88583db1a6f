import type { Check } from '../check.js';
import { problem, type Place, type Problem } from '../problem.js';
import { nanoseconds } from './duration.js';
import { scalarsOfComponent, type Spot } from './scalars.js';

const MILLISECOND = 1e6;
const DAY = 24 * 3600e9;
/** Fields that say how often something happens. Of other durations zero means never or at once, which is fine. */
const isInterval = /(?:^|_)interval$/;

/** Durations that no one means. */
export const durations: Check = ({ components }) =>
  components
    .flatMap(scalarsOfComponent)
    .filter(({ field }) => field?.type === 'duration')
    .flatMap(judge);

function judge({ scalar, place }: Spot): readonly Problem[] {
  const time = typeof scalar.value === 'number' ? scalar.value : nanoseconds(scalar.text);
  if (time === undefined) return [];
  if (time < 0) return [invalid(place, 'A duration cannot be negative.')];
  if (time === 0) return mustRepeat(place) ? [invalid(place, 'This interval cannot be zero.')] : [];
  if (typeof scalar.value === 'number')
    return [implausible(place, 'A number without a unit is nanoseconds.')];
  return isInterval.test(place.path) ? unlikely(time, place) : [];
}

function unlikely(time: number, place: Place): readonly Problem[] {
  if (time > DAY) return [implausible(place, 'The interval is longer than a day.')];
  return time < MILLISECOND ? [implausible(place, 'The interval is shorter than a millisecond.')] : [];
}

/** Where the default is not zero, or the collector insists, an interval of zero is a mistake; else it turns something off. */
function mustRepeat({ path }: Place): boolean {
  return /\.(?:collection|check)_interval$/.test(path);
}

function invalid(place: Place, message: string): Problem {
  return problem('duration-invalid', place, message, 'Write it like 10s.');
}

function implausible(place: Place, message: string): Problem {
  return problem('duration-implausible', place, message, 'Write it with a unit, like 10s.');
}
