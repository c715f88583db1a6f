/** The only system that an agent runs on: it reads /proc. */
const OS = 'linux';

/** This machine as files and packages name it, such as `linux-amd64`; install.sh makes the same name of `uname`. */
export function platformName(arch: string = process.arch): string {
  return `${OS}-${arch === 'x64' ? 'amd64' : arch}`;
}

/** Name of the agent's file for a platform. */
export function agentFileName(platform: string = platformName()): string {
  return `phoenix-agent-${platform}`;
}
