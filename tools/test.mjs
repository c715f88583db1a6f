// `npm test`: real parts, then the checks beside the suites. Ends with one plain line, "N passed, N failed".
// `npm test -- --only unit libs/events` runs part of the suites and leaves the checks out.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const results = '.phoenix/test-results';
// The contracts are compared without a build: the setup has made one, and the houses run from it.
const checkNames = ['format:check', 'lint', 'typecheck', 'boundaries', 'contracts:compare'];

const QUIET = String.raw`\.quiet\.e2e\.spec\.ts$`;
const inBand = ['--runInBand'];
/** How a part of a jest project is run. Among the houses may be one that measures the machine: one at a time. */
const suites = { unit: [], int: [], e2e: inBand };
/** The suites that run the libraries inside the test process, where their lines can be counted. */
const measured = ['unit', 'int'];

/** Runs an npm script; with `together`, its output comes in one piece at its end, so that neighbours do not mix. */
function run(args, { together = false } = {}) {
  return new Promise((done) => {
    const stdio = together ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const child = spawn('npm', ['run', '--silent', ...args], { stdio });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => output.push(bytes));
    child.once('error', () => done(false));
    child.once('close', (code) => {
      if (output.length > 0) process.stdout.write(Buffer.concat(output));
      done(code === 0);
    });
  });
}

/** Pure tests need no browser. */
const setupFor = (suite) => (suite === 'unit' ? ['setup'] : ['setup', '--', '--for-tests']);

/** Where a suite that measures coverage puts it. */
const coverageOf = (name) => `${results}/coverage-${name}`;

/** Runs one jest project and returns how many tests passed and failed; a suite that cannot load is a failure. */
async function runSuite(project, { name = project, options, together }) {
  const output = `${results}/${name}.json`;
  const args = [
    ...options,
    '--selectProjects',
    project,
    '--passWithNoTests',
    '--json',
    '--outputFile',
    output,
  ];
  const exitedClean = await run(['jest', '--', ...args], { together });
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

async function runCheck(name) {
  return (await run([name], { together: true })) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Holds each library to its share of covered lines; a suite that left no figures fails the check. */
async function checkCoverage() {
  try {
    const { checkCoverage: check } = await import('../dist/tools/coverage/src/index.js');
    const reports = measured.map((name) => `${coverageOf(name)}/coverage-final.json`);
    const { table, passed, failed } = check(resolve('libs'), reports);
    console.log(`\n${table}\n`);
    return { passed, failed };
  } catch (error) {
    console.error(`coverage cannot be read: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

const runMeasured = (name, { options = [], together } = {}) =>
  runSuite(name, { options: [...options, '--coverage', '--coverageDirectory', coverageOf(name)], together });

/** What only computes: one thing after the other, in the time that the servers and houses beside it wait. */
async function runComputingLane() {
  for (const name of checkNames) add(await runCheck(name));
  add(await runMeasured('unit', { options: inBand, together: true }));
}

const total = { passed: 0, failed: 0 };
const add = ({ passed, failed }) => {
  total.passed += passed;
  total.failed += failed;
};

async function runPart(only, patterns) {
  if (await run(setupFor(only))) add(await runSuite(only, { options: [...patterns, ...suites[only]] }));
  else add({ passed: 0, failed: 1 });
}

async function runAll() {
  if (!(await run(setupFor('int')))) return add({ passed: 0, failed: 1 });
  // Two workers, as jest.config.mjs has it: a house mostly waits for time to pass.
  const houses = { options: ['--testPathIgnorePatterns', QUIET], together: true };
  const [int, e2e] = await Promise.all([runMeasured('int'), runSuite('e2e', houses), runComputingLane()]);
  add(int);
  add(e2e);
  // What measures this machine's own processes to the percent has it for itself.
  add(await runSuite('e2e', { name: 'e2e-quiet', options: [QUIET, ...inBand] }));
  add(await checkCoverage());
}

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const [flag, only, ...patterns] = process.argv.slice(2);
if (flag !== '--only') await runAll();
else if (Object.hasOwn(suites, only)) await runPart(only, patterns);
else {
  console.error(`usage: npm test -- --only ${Object.keys(suites).join('|')} [path ...]`);
  process.exit(2);
}

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
