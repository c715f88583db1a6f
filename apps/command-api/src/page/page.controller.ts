import { readFileSync } from 'node:fs';
import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '#lib/platform';

/** Every file of the page with its type: what is not listed is not served. */
const files = {
  'index.html': 'text/html; charset=utf-8',
  'docs.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'mark.svg': 'image/svg+xml',
  'page.js': 'text/javascript; charset=utf-8',
  'chart.js': 'text/javascript; charset=utf-8',
  'data-table.js': 'text/javascript; charset=utf-8',
  'docs.js': 'text/javascript; charset=utf-8',
  'dom.js': 'text/javascript; charset=utf-8',
  'experiment-cards.js': 'text/javascript; charset=utf-8',
  'experiment-panel.js': 'text/javascript; charset=utf-8',
  'feed.js': 'text/javascript; charset=utf-8',
  'figure-panels.js': 'text/javascript; charset=utf-8',
  'fleet-table.js': 'text/javascript; charset=utf-8',
  'format.js': 'text/javascript; charset=utf-8',
  'schema-text.js': 'text/javascript; charset=utf-8',
  'session.js': 'text/javascript; charset=utf-8',
} as const;
type FileName = keyof typeof files;

const contents = new Map<FileName, Buffer>();

/** The live page and the API reference. They hold no data: everything it shows comes through the feed, with the reader's own token. */
@Public()
@ApiExcludeController()
@Controller()
export class PageController {
  @Get()
  @Header('cache-control', 'no-cache')
  index(): StreamableFile {
    return serve('index.html');
  }

  @Get('docs')
  @Header('cache-control', 'no-cache')
  docs(): StreamableFile {
    return serve('docs.html');
  }

  @Get('assets/:name')
  @Header('cache-control', 'no-cache')
  asset(@Param('name') name: string): StreamableFile {
    if (!isFile(name)) throw new NotFoundException();
    return serve(name);
  }
}

function isFile(name: string): name is FileName {
  return Object.hasOwn(files, name);
}

function serve(name: FileName): StreamableFile {
  const content = contents.get(name) ?? readFileSync(new URL(`./assets/${name}`, import.meta.url));
  contents.set(name, content);
  return new StreamableFile(content, { type: files[name], length: content.length });
}
