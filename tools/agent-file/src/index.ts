export { agentFile, layOutInstall, type AgentFile } from './agent-file.js';
export { bundleAgent } from './bundle.js';
export { agentFileName, platformName } from './platform.js';
