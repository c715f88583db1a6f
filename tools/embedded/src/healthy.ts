import { answersOk } from './process/ready.js';

/** `node dist/tools/embedded/src/healthy.js <port>`: a container's health check, since slim images lack curl. */
const ready = await answersOk(`http://127.0.0.1:${process.argv[2] ?? ''}/health/ready`);
process.exitCode = ready ? 0 : 1;
