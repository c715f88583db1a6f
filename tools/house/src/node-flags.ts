/**
 * What Node is told when it runs an app, as docker-compose.yml and install.sh tell it too. The gateway has thousands of
 * hand-overs under way at once; in the usual 16 MB they outlive the young generation, and a sixth of its time goes into
 * copying them. An agent has little under way, and its memory is the host's.
 */
export function nodeFlags(app: string): readonly string[] {
  switch (app) {
    case 'agent-gateway':
      return ['--max-semi-space-size=32'];
    case 'agent':
      return ['--max-semi-space-size=1'];
    default:
      return [];
  }
}
