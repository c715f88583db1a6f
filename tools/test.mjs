// `npm test`: checks, real parts, then every suite. Ends with one plain line, "N passed, N failed".
// `npm test -- --only unit libs/events` runs part of the suites and leaves the checks out.
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve as absolute } from 'node:path';

const results = '.phoenix/test-results';
/** Checks that run side by side; those of one lane one after another. */
const checkLanes = [['lint'], ['format:check', 'typecheck', 'boundaries', 'contracts:check']];
const suites = ['unit', 'int', 'e2e'];
/** The suites that run the libraries inside the test process, where their lines can be counted. */
const measured = ['unit', 'int'];

const run = (args) => spawnSync('npm', ['run', '--silent', ...args], { stdio: 'inherit' }).status === 0;

/** Pure tests need no browser. */
const setupFor = (suite) => (suite === 'unit' ? ['setup'] : ['setup', '--', '--for-tests']);
/** Runs the checks of one lane and shows what each said when it has ended. */
async function runChecks(names) {
  const passed = [];
  for (const name of names) {
    const { code, said } = await new Promise((resolve) => {
      execFile('npm', ['run', '--silent', name], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, said: `${stdout}${stderr}` }),
      );
    });
    process.stdout.write(said);
    passed.push(code === 0);
  }
  return passed;
}

/** Where a suite that measures coverage puts it. */
const coverageOf = (name) => `${results}/coverage-${name}`;

/** Runs one jest project and returns how many tests passed and failed; a suite that cannot load is a failure. */
function runSuite(name, patterns, options = []) {
  const output = `${results}/${name}.json`;
  const args = [...patterns, '--selectProjects', name, '--passWithNoTests', '--json', '--outputFile', output];
  const exitedClean = run(['jest', '--', ...args, ...options]);
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

/** Holds each library to its share of covered lines; a suite that left no figures fails the check. */
async function checkCoverage() {
  const { checkCoverage: check } = await import('../dist/tools/coverage/src/index.js');
  try {
    const reports = measured.map((name) => `${coverageOf(name)}/coverage-final.json`);
    const { table, passed, failed } = check(absolute('libs'), reports);
    console.log(`\n${table}\n`);
    return { passed, failed };
  } catch (error) {
    console.error(`coverage cannot be read: ${error.message}`);
    return { passed: 0, failed: 1 };
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
  for (const passed of await Promise.all(checkLanes.map(runChecks)))
    add({ passed: passed.filter(Boolean).length, failed: passed.filter((one) => !one).length });
  if (run(setupFor('int'))) {
    for (const name of suites) {
      const coverage = ['--coverage', '--coverageDirectory', coverageOf(name)];
      add(runSuite(name, [], measured.includes(name) ? coverage : []));
    }
    add(await checkCoverage());
  } else add({ passed: 0, failed: 1 });
}

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
