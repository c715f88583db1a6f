// `npm test`: checks, real parts, then every suite. Ends with one plain line, "N passed, N failed".
// `npm test -- --only unit libs/events` runs part of the suites and leaves the checks out.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const results = '.phoenix/test-results';
const checkNames = ['format:check', 'lint', 'typecheck', 'boundaries', 'contracts:check'];
const suites = ['unit', 'int', 'e2e'];

const run = (args) => spawnSync('npm', ['run', '--silent', ...args], { stdio: 'inherit' }).status === 0;

/** Pure tests need no browser. */
const setupFor = (suite) => (suite === 'unit' ? ['setup'] : ['setup', '--', '--for-tests']);

/** Runs one jest project and returns how many tests passed and failed; a suite that cannot load is a failure. */
function runSuite(name, patterns) {
  const output = `${results}/${name}.json`;
  const workers = name === 'unit' ? [] : ['--runInBand'];
  const args = [...patterns, '--selectProjects', name, '--passWithNoTests', '--json', '--outputFile', output];
  const exitedClean = run(['jest', '--', ...args, ...workers]);
  const report = readReport(output);
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites + report.numPendingTests;
  return { passed: report.numPassedTests, failed: failed === 0 && !exitedClean ? 1 : failed };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, numPendingTests: 0 };
  }
}

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const [flag, only, ...patterns] = process.argv.slice(2);
const total = { passed: 0, failed: 0 };
const add = ({ passed, failed }) => {
  total.passed += passed;
  total.failed += failed;
};

if (flag === '--only') {
  if (!suites.includes(only)) {
    console.error(`usage: npm test -- --only ${suites.join('|')} [path ...]`);
    process.exit(2);
  }
  if (run(setupFor(only))) add(runSuite(only, patterns));
  else add({ passed: 0, failed: 1 });
} else {
  for (const name of checkNames) add(run([name]) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  if (run(setupFor('int'))) for (const name of suites) add(runSuite(name, []));
  else add({ passed: 0, failed: 1 });
}

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
