import { destinationProcessors, renderDestination } from '../destinations/render-destination.js';
import type { Component, PipelineWiring } from './collector-config.js';
import { destinationExporter, type Destination } from './exporters.js';

/** The way from a pipeline to its destination. */
export type WayOut = {
  /** What the pipeline itself exports to: the destination, or what leads to it. */
  readonly exits: readonly string[];
  readonly processors: readonly Component[];
  readonly connectors: readonly Component[];
  readonly exporters: readonly Component[];
  readonly extensions: readonly Component[];
  readonly pipelines: Readonly<Record<string, PipelineWiring>>;
};

const forward: Component = { id: 'forward/destination', settings: {} };

/**
 * What a vendor wants done to data is done in a pipeline of its own behind the author's. The meter hangs on the
 * author's, so what it counts does not depend on where the data goes.
 */
export function wayOut(destination: Destination): WayOut {
  return joinDestination(partsOf(destination));
}

/** The parts of a destination, joined to the pipeline that leads there. */
export function joinDestination({ exporter, extensions, processors }: Parts): WayOut {
  const exporters = exporter === undefined ? [] : [exporter];
  const ids = exporters.map(({ id }) => id);
  if (processors.length === 0)
    return { exits: ids, processors, connectors: [], exporters, extensions, pipelines: {} };
  const pipeline = {
    receivers: [forward.id],
    processors: processors.map(({ id }) => id),
    exporters: ids,
  };
  return {
    exits: [forward.id],
    processors,
    connectors: [forward],
    exporters,
    extensions,
    pipelines: { 'metrics/destination': pipeline },
  };
}

type Parts = Pick<WayOut, 'processors' | 'extensions'> & { readonly exporter?: Component };

function partsOf(destination: Destination): Parts {
  switch (destination.kind) {
    case 'none':
      return { processors: [], extensions: [] };
    case 'backend':
      return { processors: [], extensions: [], exporter: destinationExporter(destination) };
    case 'localSink': {
      const { insteadOf } = destination;
      const processors = insteadOf === undefined ? [] : destinationProcessors(insteadOf);
      return { processors, extensions: [], exporter: destinationExporter(destination) };
    }
    case 'profile':
      return renderDestination(destination.profile, destination.secret);
  }
}
