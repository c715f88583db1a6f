export { agentFile, layOutInstall, type AgentFile } from './agent-file.js';
export { agentFileName, platformName } from './platform.js';
